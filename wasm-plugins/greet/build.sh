#!/bin/sh
# Builds greet, which is what a template makes, in one of its languages:   wasm-plugins/greet/build.sh c [OUTPUT]
# Languages: c, assemblyscript, rust. Without OUTPUT the module beside this file is replaced, and with it its digest.
# The versions of the tools that made it stand in OUTPUT.tools.
set -eu

language=${1:?the language: c, assemblyscript or rust}
kit=$(cd "$(dirname "$0")/.." && pwd)
output=${2:-$kit/greet/greet-$language.wasm}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# As noetl plugin new does it.
(cd "$kit/template/$language" && find . -type f) | while read -r file; do
  mkdir -p "$folder/$(dirname "$file")"
  sed 's/@NAME@/greet/g' "$kit/template/$language/$file" >"$folder/$(echo "$file" | sed 's,/plugin\.\(c\|ts\|rs\)$,/greet.\1,')"
done
cp "$kit/sdk/$language"/* "$folder"
sh "$folder/build.sh"
cp "$folder/greet.wasm" "$output"

case $language in
  c)
    clang --version | head -n 1
    wasm-ld --version
    ;;
  assemblyscript) sed -n 's/^ *"\([a-z-]*\)": "\([0-9][^"]*\)".*/\1 \2/p' "$folder/package.json" | grep -v '^version ' ;;
  rust)
    "$(sh "$folder/build.sh" --rustc)" --version --verbose | grep -v '^host'
    ;;
esac >"$output.tools"

if [ $# -eq 1 ]; then
  (cd "$kit/greet" && sha256sum "greet-$language.wasm" >"greet-$language.wasm.sha256")
fi
