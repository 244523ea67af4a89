# The packages of the system: what is needed, whether it is there, and how it gets there.

# Each line: what proves that it is there, its package for apt, its package for brew (- is none).
requirements() {
  cat <<'END'
command:pkg-config    pkg-config         pkgconf
command:dot           graphviz           graphviz
module:libgvc         libgraphviz-dev    graphviz
module:zlib           zlib1g-dev         zlib
library:libopenblas   libopenblas0       openblas
module:sqlite3        libsqlite3-dev     sqlite
font:any              fonts-dejavu-core  -
END
}

# A requirement that the package manager does not know of counts too, such as a library in /usr/local.
is_met() {
  proof=$1 package=$2
  if is_installed "$package"; then return 0; fi
  case "$proof" in
    command:*) has "${proof#command:}" ;;
    module:*) has pkg-config && pkg-config --exists "${proof#module:}" 2>/dev/null ;;
    library:*) has ldconfig && ldconfig -p 2>/dev/null | grep -q "${proof#library:}" ;;
    font:any) has fc-list && [ -n "$(fc-list 2>/dev/null | head -n 1)" ] ;;
  esac
}

is_installed() {
  case "$system" in
    Darwin) has brew && brew list --versions "$1" >/dev/null 2>&1 ;;
    *) has dpkg-query && [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
  esac
}

missing_packages() {
  requirements | while read -r proof apt brew; do
    package=$apt
    if [ "$system" = Darwin ]; then package=$brew; fi
    [ "$package" = - ] || is_met "$proof" "$package" || printf '%s\n' "$package"
  done | sort -u | tr '\n' ' ' | sed 's/ $//'
}

set_up_packages() {
  packages=$(missing_packages)
  [ -n "$packages" ] || return 0
  say "missing packages: $packages"
  # shellcheck disable=SC2086 -- a list of words
  if [ "$system" = Darwin ]; then install_with_brew $packages; else install_with_apt $packages; fi
  packages=$(missing_packages)
  [ -z "$packages" ] || fail "these packages are still missing: $packages" "install them by hand, then run make setup again"
}

install_with_brew() {
  has brew || fail "cannot install $*: brew is not on the path" "see https://brew.sh, or install these libraries by hand"
  brew install "$@" || fail "brew could not install $*" "run it by hand, then make setup again: brew install $*"
}

install_with_apt() {
  command="apt-get update && apt-get install --yes --no-install-recommends $*"
  has apt-get || fail "cannot install $*: this system has no apt-get" \
    "install the packages that bring these libraries here, with their pkg-config files, then run make setup again"
  if [ "$(id -u)" -eq 0 ]; then
    as_root=
  elif has sudo; then
    say "installing them needs root: sudo asks for your password"
    as_root=sudo
  else
    fail "installing packages needs root, and there is no sudo" "run as root, then make setup again:" "$command"
  fi
  $as_root env DEBIAN_FRONTEND=noninteractive sh -c "$command" </dev/null ||
    fail "apt-get could not install $*" "check the network, or run as root, then make setup again:" "$command"
}
