#!/bin/sh
# Prints the path of a nats-server of 2.10.27 or newer: the one on PATH, else one from the cache folder, else one that it
# fetches there. Nothing is installed and no setting of the machine changes: the package of a newer Debian suite comes
# from the mirror that the machine already uses, checked by apt's own signatures, and is unpacked into
#   ${NOETL_CACHE:-${XDG_CACHE_HOME:-~/.cache}/noetl}/nats/VERSION/nats-server
# Safe to call many times and at the same time. Exit code 1 with one line on stderr when there is none to be had.
#
#   NOETL_NATS_SUITES   suites to try, in order; default "trixie forky"
set -eu

# Older servers drop settings that they do not know without a word, and may lose a stream when killed.
minimum=2.10.27

fail() {
  echo "get-nats: $*" >&2
  exit 1
}

# version BINARY -> 2.10.27, or nothing when it does not run here
version() {
  "$1" --version 2>/dev/null | sed -n 's/.*v\([0-9][0-9.]*\).*/\1/p' | head -n 1
}

# new_enough VERSION
new_enough() {
  [ -n "$1" ] && awk -v have="$1" -v need="$minimum" 'BEGIN {
    split(have, h, "."); split(need, n, ".")
    for (i = 1; i <= 3; i++) { if (h[i] + 0 > n[i] + 0) exit 0; if (h[i] + 0 < n[i] + 0) exit 1 }
    exit 0 }'
}

onpath=$(command -v nats-server 2>/dev/null || true)
if [ -n "$onpath" ] && new_enough "$(version "$onpath")"; then
  echo "$onpath"
  exit 0
fi

cache=${NOETL_CACHE:-${XDG_CACHE_HOME:-${HOME:?get-nats: set HOME or NOETL_CACHE}/.cache}/noetl}/nats
for cached in "$cache"/*/nats-server; do
  if [ -x "$cached" ] && new_enough "$(version "$cached")"; then
    echo "$cached"
    exit 0
  fi
done

command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 ||
  fail "Expected nats-server $minimum or newer on PATH, but there is none, and this is no Debian-like machine to fetch it with apt. Install it (https://nats.io/download, or: brew install nats-server)."

mirror=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null |
  sed -n 's/^URIs:[[:space:]]*//p' | tr -s '[:space:]' '\n' | grep '/debian/*$' | head -n 1 || true)
[ -n "$mirror" ] || mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
  awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /\/debian\/*$/) { print $i; exit } }' || true)
[ -n "$mirror" ] ||
  fail "Expected nats-server $minimum or newer on PATH, but there is none, and no Debian mirror is configured to fetch it from. Install it: https://nats.io/download"

# Inside the cache, so that the last step is a rename on one file system.
mkdir -p "$cache"
work=$(mktemp -d "$cache/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/unpacked"
: >"$work/status"
cat >"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
CONF

for suite in ${NOETL_NATS_SUITES:-trixie forky}; do
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
  rm -rf "$work/unpacked" "$work"/*.deb
  mkdir -p "$work/unpacked"
  if ! (cd "$work" && APT_CONFIG="$work/apt.conf" && export APT_CONFIG &&
    apt-get update -qq && apt-get download -qq nats-server) >"$work/log" 2>&1; then
    continue
  fi
  dpkg-deb -x "$work"/nats-server_*.deb "$work/unpacked"
  binary=$work/unpacked/usr/sbin/nats-server
  [ -x "$binary" ] || binary=$work/unpacked/usr/bin/nats-server
  found=$(version "$binary")
  if new_enough "$found"; then
    mkdir "$work/ready"
    mv "$binary" "$work/ready/nats-server"
    # Whoever comes second finds the folder there and throws its own copy away.
    mv -T "$work/ready" "$cache/$found" 2>/dev/null || true
    new_enough "$(version "$cache/$found/nats-server")" ||
      fail "Expected to write $cache/$found/nats-server, but could not"
    echo "$cache/$found/nats-server"
    exit 0
  fi
done

fail "Expected a nats-server of $minimum or newer in ${NOETL_NATS_SUITES:-trixie forky} of $mirror, but: $(tail -n 1 "$work/log" 2>/dev/null)"
