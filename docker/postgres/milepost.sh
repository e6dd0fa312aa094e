#!/bin/sh
# Runs once, when the data of Postgres is made: a role for Milepost that may log in, and nothing else in the cluster.
# It owns the schema in which the migrations make tables, and neither the database nor any other one.
set -eu
[ -s "$MILEPOST_PASSWORD_FILE" ]
# psql reads the password itself: what is among its arguments can be read by every process that sees this one.
psql --set=ON_ERROR_STOP=1 --no-psqlrc --username="$POSTGRES_USER" --dbname=postgres <<'SQL'
\set password `cat "$MILEPOST_PASSWORD_FILE"`
create role milepost login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'password';
create database milepost;
revoke all on database milepost from public;
grant connect on database milepost to milepost;
revoke connect on database postgres, template1 from public;
\connect milepost
alter schema public owner to milepost;
revoke all on schema public from public;
SQL
