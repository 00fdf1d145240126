#!/bin/sh
# Builds this plug-in; see ../../build.sh for what it needs.
set -eu
exec "$(dirname "$0")/../../build.sh" "$(dirname "$0")" "$@"
