#!/bin/sh
# python.sh FOLDER REQUIREMENTS: makes a virtual environment in FOLDER, or one that is there up to date with
# REQUIREMENTS. It fetches nothing when it is.
set -eu

folder=$1 requirements=$2
if cmp -s "$requirements" "$folder/requirements.txt"; then exit 0; fi
python3 -m venv "$folder" || {
  echo "setup: error: could not make a virtual environment; on Debian and Ubuntu, as root: apt-get install python3-venv" >&2
  exit 1
}
"$folder/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --requirement "$requirements"
cp "$requirements" "$folder/requirements.txt"
