#!/bin/sh
# Runs `swift test` with the arguments given, and fails when no test ran: a filter or a build mistake that
# leaves nothing to run passes otherwise.
set -eu
cd "$(dirname "$0")/.."

report=.build/tests
mkdir -p .build
rm -f "$report"*.xml
swift test --xunit-output "$report.xml" "$@"

# Swift Testing writes its own report beside XCTest's.
count=$(sed -n 's/.*<testsuite [^>]*tests="\([0-9]*\)".*/\1/p' "$report"*.xml | awk '{ sum += $1 } END { print sum + 0 }')
if [ "$count" -eq 0 ]; then
  echo "test: error: no test ran" >&2
  exit 1
fi

# The tests of pages are skipped where there is none.
has_browser() {
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then return 0; fi
  done
  [ "$(uname -s)" = Darwin ]
}
has_browser ||
  echo "test: note: there is no Chromium, so that pages were not tried in a browser: apt-get install chromium" >&2
