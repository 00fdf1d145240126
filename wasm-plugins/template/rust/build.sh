#!/bin/sh
# Builds @NAME@.wasm. Needs rustc 1.63 or newer with the target wasm32-unknown-unknown
# (rustup target add wasm32-unknown-unknown; Debian: rustc libstd-rust-dev-wasm32). RUSTC names another rustc.
set -eu
cd "$(dirname "$0")"

target=wasm32-unknown-unknown
found=
IFS=:
for folder in $PATH; do
  rustc=${RUSTC:-$folder/rustc}
  if library=$("$rustc" --print target-libdir --target "$target" 2>/dev/null) && [ -d "$library" ]; then
    found=$rustc
    break
  fi
done
unset IFS
[ -n "$found" ] || {
  echo "build.sh: expected rustc with the target $target on PATH, but found none; rustup target add $target" \
    "(Debian: apt-get install rustc libstd-rust-dev-wasm32)" >&2
  exit 2
}
# Which one it is, for those who must know what made a module.
if [ "${1:-}" = --rustc ]; then
  echo "$found"
  exit 0
fi

# -C target-cpu=mvp: what a newer compiler adds by itself, admission may refuse. A crate needs Cargo:
# cargo build --release --target with the same options, and crate-type = ["cdylib"].
"$found" --edition 2021 --crate-type cdylib --crate-name plugin --target "$target" \
  -C target-cpu=mvp -C target-feature=+bulk-memory,+nontrapping-fptoint \
  -C opt-level=s -C lto -C codegen-units=1 -C panic=abort -C strip=symbols -C metadata=noetl \
  -C link-arg=-zstack-size=65536 -C link-arg=--max-memory=16777216 \
  -o "@NAME@.wasm" "@NAME@.rs"
