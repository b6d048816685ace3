#!/bin/sh
# Renew the hashed requirement files from the .in files. They name no registry host.
set -eu
cd "$(dirname "$0")/../requirements"
uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o run.txt run.in
uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o dev.txt dev.in
