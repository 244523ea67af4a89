# ONNX Runtime's shared library, from the wheel that Setup/onnxruntime.lock pins, into .deps/.

# lock NAME: what follows NAME on its line of the lock file.
lock() { sed -n "s/^$1  *//p" "$setup/onnxruntime.lock"; }

set_up_onnxruntime() {
  version=$(lock version)
  folder="$deps/onnxruntime-$version"
  # shellcheck disable=SC2046 -- two words: the wheel's platform and its hash
  set -- $(lock "$system-$(uname -m)")
  [ $# -eq 2 ] || {
    [ -z "${WORKBENCH_ORT_LIB:-}" ] || return 0
    fail "there is no pinned ONNX Runtime $version for $system on $(uname -m)" \
      "build or install it yourself and name it: export WORKBENCH_ORT_LIB=/path/to/libonnxruntime.so"
  }
  if is_unpacked "$folder" "$2"; then return 0; fi
  mkdir -p "$deps"
  scratch=$(mktemp -d "$deps/download.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT TERM
  wheel=${ONNXRUNTIME_WHEEL:-}
  [ -n "$wheel" ] || { download "$version" "$1" && wheel=$(echo "$scratch"/*.whl); }
  unpack "$wheel" "$2" "$folder"
}

is_unpacked() {
  [ "$(cat "$1/wheel.sha256" 2>/dev/null)" = "$2" ] && ls "$1"/lib/libonnxruntime.* >/dev/null 2>&1
}

download() {
  version=$1 platform=$2 python=$(lock python)
  file="onnxruntime-$version-cp$(echo "$python" | tr -d .)-cp$(echo "$python" | tr -d .)-$platform.whl"
  has python3 && python3 -m pip --version >/dev/null 2>&1 ||
    fail "fetching ONNX Runtime needs Python 3 with pip" "on Debian and Ubuntu, as root: apt-get install python3-pip"
  say "fetching ONNX Runtime $version ($platform)"
  python3 -m pip download --quiet --no-input --disable-pip-version-check --retries 2 \
    --no-deps --only-binary=:all: --implementation cp --python-version "$python" --platform "$platform" \
    --dest "$scratch" "onnxruntime==$version" </dev/null 2>"$scratch/log" || {
    sed 's/^/  pip: /' "$scratch/log" | tail -n 4 >&2
    fail "could not fetch ONNX Runtime $version" "check the network and pip's configuration, then run make setup again;" \
      "or bring the file $file from another machine:" "ONNXRUNTIME_WHEEL=/path/to/$file make setup"
  }
}

unpack() {
  [ -f "$1" ] || fail "there is no file $1"
  has python3 || fail "unpacking ONNX Runtime needs Python 3"
  python3 "$setup/unpack_wheel.py" "$1" "$2" "$3" ||
    fail "could not unpack ONNX Runtime from $1" \
      "if you changed its version, correct the hash in Setup/onnxruntime.lock;" \
      "if you did not, do not use that file: something between here and the package index replaced it"
  say "ONNX Runtime is in ${3#"$root"/}"
}
