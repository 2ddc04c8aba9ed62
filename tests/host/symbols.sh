#!/bin/sh
# A library shows its entry point and nothing else, for SQLite loads extensions with their symbols
# seen by all others.
#
#     symbols.sh build/pipeline_health.so
#
# Ends with `N passed, N failed`; where symbols cannot be listed like this it says that it skips.
set -u

library=${1:?usage: symbols.sh LIBRARY}
if [ "$(uname -s)" != Linux ] || ! command -v nm >/dev/null 2>&1; then
  echo "symbols: skipped: needs Linux and nm"
  exit 0
fi
# names that begin with _ are the linker's own
symbols=$(nm -D --defined-only "$library" | awk '$3 !~ /^_/ { print $3 }')
if [ "$symbols" = sqlite3_pipelinehealth_init ]; then
  echo "1 passed, 0 failed"
else
  printf 'symbols: failed: %s shows:\n%s\n0 passed, 1 failed\n' "$library" "$symbols"
  exit 1
fi
