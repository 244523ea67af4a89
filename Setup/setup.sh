#!/bin/sh
# Sets up what the project needs and is not there yet. It fetches nothing, and needs no network and no
# root, when everything is in place; it ends with a non-zero status when something could not be got.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
setup=$root/Setup
deps=$root/.deps
system=$(uname -s)

say() { printf 'setup: %s\n' "$*"; }

# fail MESSAGE [WHAT MENDS IT]…
fail() {
  printf 'setup: error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

check_swift() {
  has swift || fail "swift is not on the path" "install Swift 6.3 or newer: https://www.swift.org/install"
  version=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  minor=$(printf '%s.0' "$version" | cut -d . -f 2)
  case "$version" in
    6.*) [ "$minor" -ge 3 ] && return ;;
    [789].* | [1-9][0-9]*.*) return ;;
  esac
  fail "Swift ${version:-of unknown version} is too old" "install Swift 6.3 or newer: https://www.swift.org/install"
}

. "$setup/packages.sh"
. "$setup/onnxruntime.sh"

check_swift
set_up_packages
set_up_onnxruntime
