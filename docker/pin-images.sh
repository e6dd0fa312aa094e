#!/bin/sh
# Looks up the digests of the images and writes them into docker/images.env, from where docker compose takes them:
#   docker/pin-images.sh && docker compose --env-file docker/images.env up --build
# Run it again to take in newer builds of the same versions; the file says what runs until then.
set -eu
cd "$(dirname "$0")"
digest() {
  docker buildx imagetools inspect "$1" --format '{{.Manifest.Digest}}'
}
pin() {
  found=$(digest "$2")
  case $found in
    sha256:*) echo "$1=$2@$found" ;;
    *) echo "The digest of $2 is not known: $found" >&2 && exit 1 ;;
  esac
}
{
  pin NODE_IMAGE node:24-slim
  pin POSTGRES_IMAGE postgres:17
  pin NGINX_IMAGE nginx:1.28
  pin PROMETHEUS_IMAGE prom/prometheus:v3.5.0
  pin GRAFANA_IMAGE grafana/grafana:12.1.1
} >images.env.new
mv images.env.new images.env
cat images.env
