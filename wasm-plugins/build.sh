#!/bin/sh
# Builds one plug-in in C:   wasm-plugins/build.sh wasm-plugins/upper [OUTPUT]
# Without OUTPUT the module beside the source is replaced, and with it its digest and the versions
# of the tools that made it. Needs clang and lld with the wasm32 target (Debian: clang lld).
set -eu

plugin=$(cd "${1:?the folder of a plug-in, such as wasm-plugins/upper}" && pwd)
root=$(cd "$(dirname "$0")" && pwd)
name=$(basename "$plugin")
output=${2:-$plugin/$name.wasm}

for tool in clang wasm-ld; do
  command -v "$tool" >/dev/null 2>&1 || {
    echo "build.sh: $tool is not on PATH; install clang and lld" >&2
    exit 2
  }
done

# -mcpu=mvp: what a newer compiler adds by itself, admission may refuse. Relative paths and no debug
# information: the bytes must not depend on where the repository lies.
cd "$plugin"
clang --target=wasm32-unknown-unknown -mcpu=mvp -mbulk-memory -msign-ext -mnontrapping-fptoint \
  -std=c11 -Os -Wall -Wextra -Werror -ffreestanding -nostdlib -I"$root/sdk/c" \
  -Wl,--no-entry -Wl,--strip-debug -Wl,-z,stack-size=65536 -Wl,--max-memory=16777216 \
  -o "$output" "$name.c"

if [ "$output" = "$plugin/$name.wasm" ]; then
  sha256sum "$name.wasm" >"$name.wasm.sha256"
  {
    clang --version | head -n 1
    wasm-ld --version
  } >"$name.wasm.tools"
fi
