#!/bin/sh
# Builds @NAME@.wasm. Needs clang and lld with the wasm32 target (Debian: clang lld).
set -eu
cd "$(dirname "$0")"

for tool in clang wasm-ld; do
  command -v "$tool" >/dev/null 2>&1 || {
    echo "build.sh: expected $tool on PATH, but it is not; install clang and lld (Debian: apt-get install clang lld)" >&2
    exit 2
  }
done

# -mcpu=mvp: what a newer compiler adds by itself, admission may refuse.
clang --target=wasm32-unknown-unknown -mcpu=mvp -mbulk-memory -msign-ext -mnontrapping-fptoint \
  -std=c11 -Os -Wall -Wextra -Werror -ffreestanding -nostdlib -I. \
  -Wl,--no-entry -Wl,--strip-debug -Wl,-z,stack-size=65536 -Wl,--max-memory=16777216 \
  -o "@NAME@.wasm" "@NAME@.c"
