#!/bin/sh
# Makes the pictures and tables of Docs/ anew, or with --check tells which are stale, changing nothing.
# Beside each picture of a graph lies its text in DOT, and only that is compared: SVG depends on the fonts of a
# machine. Charts are the same everywhere.
set -eu
cd "$(dirname "$0")/.."

mode=${1:-}
case $mode in
  '' | --check) ;;
  *) echo "usage: docs.sh [--check]" >&2; exit 2 ;;
esac
workbench=${WORKBENCH:-.build/debug/workbench}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
models=Corpus/models
stale=

# compare FILE: is the one in Docs/ as the one just made?
compare() {
  if [ "$mode" = --check ]; then
    cmp -s "$scratch/$(basename "$1")" "$1" || stale="$stale $1"
  else
    cp "$scratch/$(basename "$1")" "$1"
  fi
}

# picture NAME ARGUMENT…: Docs/Pictures/NAME.dot and NAME.svg
picture() {
  name=$1
  shift
  "$workbench" render --quiet "$@" --out "$scratch/$name.dot"
  compare "Docs/Pictures/$name.dot"
  [ "$mode" = --check ] || "$workbench" render --quiet "$@" --out "Docs/Pictures/$name.svg" --force
}

# chart NAME ARGUMENT…: Docs/Pictures/NAME.svg, of what a run has left in Docs/Pictures/NAME.json
chart() {
  name=$1
  shift
  "$workbench" render --quiet --chart "Docs/Pictures/$name.json" "$@" --out "$scratch/$name.svg"
  compare "Docs/Pictures/$name.svg"
}

for model in glyph-vit digits-cnn; do
  "$workbench" opt --quiet --model $models/$model/model.onnx --out "$scratch/$model.onnx" > /dev/null
done

picture readme --model "$scratch/digits-cnn.onnx" --overlay macs --direction right --title "digits-cnn, optimized"
picture repetition --model "$scratch/glyph-vit.onnx" --title "glyph-vit, optimized"
picture overlay-macs --model $models/glyph-resnet/model.onnx --overlay macs --title glyph-resnet
picture overlay-dark --model $models/table-trees/model.onnx --overlay bytes --theme dark --title table-trees
picture around --model $models/glyph-resnet/model.onnx --title "glyph-resnet, 3 edges around a convolution" \
  --around /body/body.10/residual/branch/branch.3/Conv
picture diff --model "$scratch/digits-cnn.onnx" --before $models/digits-cnn/model.onnx --title "digits-cnn, optimized"
picture side-by-side --model "$scratch/digits-cnn.onnx" --before $models/digits-cnn/model.onnx \
  --layout side-by-side --title "digits-cnn, before and after"
picture fuse-conv-batch-norm --pass fuse-conv-batch-norm
picture ablation --pass ablation
chart pareto
chart sensitivity --top 30

{
  printf '# Passes\n\nMade by `make docs` from the passes and strategies themselves; `workbench passes NAME` shows the examples '
  printf 'of one, and\n`workbench render --pass NAME -o NAME.svg` draws them.\n\n'
  "$workbench" passes --markdown
} > "$scratch/Passes.md"
compare Docs/Passes.md

if [ -n "$stale" ]; then
  echo "stale:$stale; \`make docs\` renews them" >&2
  exit 1
fi
