#!/bin/sh
# Builds @NAME@.wasm. Needs node 18 or newer with npm (Debian: nodejs npm), which fetches the compiler the first time, in
# the exact versions that package.json names.
set -eu
cd "$(dirname "$0")"

for tool in node npm; do
  command -v "$tool" >/dev/null 2>&1 || {
    echo "build.sh: expected $tool on PATH, but it is not; install Node.js 18 or newer with npm (Debian: apt-get install nodejs npm)" >&2
    exit 2
  }
done

# What was installed from another package.json is not what this one names.
if ! cmp -s package.json node_modules/.installed.json; then
  npm install --no-audit --no-fund --no-package-lock --loglevel=error
  cp package.json node_modules/.installed.json
fi

# abort would be an import, and a start section would run without limits: neither is admitted. 201 is a warning about
# numbers inside json-as.
node_modules/.bin/asc "@NAME@.ts" --outFile "@NAME@.wasm" --transform json-as/transform \
  --use abort= --exportStart _initialize --runtime stub --optimizeLevel 3 --shrinkLevel 1 --disableWarning 201
