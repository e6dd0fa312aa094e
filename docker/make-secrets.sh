#!/bin/sh
# Makes the secrets that docker-compose.yml mounts, each once: those that are there stay.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
# The folder is closed to others. The files in it are not, because each is mounted for a user of a container.
chmod 700 secrets
for name in postgres-password database-password admin-key; do
  [ -e "secrets/$name" ] && continue
  od -An -v -N24 -tx1 /dev/urandom | tr -d ' \n' >"secrets/$name.new"
  chmod 444 "secrets/$name.new"
  mv "secrets/$name.new" "secrets/$name"
  echo "made docker/secrets/$name"
done
