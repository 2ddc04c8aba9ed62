#!/bin/sh
# What `make release` made, as far as one Linux machine on x86-64 can tell: what each library shows and needs; the golden files
# by a runner that loads the library: on glibc and musl, on aarch64 under qemu, on Windows under wine; the same bytes from a second
# build.
#
#     release.sh RELEASE_FOLDER ZIG_PYTHON AMALGAMATION SQLITE_SOURCE PYTHON
set -eu
release=$1 zig_python=$2 amalgamation=$3 sqlite=$4 python=$5
again=$release/again
passed=0

"$python" tests/host/exports.py "$release"/*/pipeline_health.so "$release"/*/pipeline_health.dylib "$release"/*/pipeline_health.dll

# golden PLATFORM TARGET LIBRARY [COMMAND ...]: the golden files by a runner for the platform
golden() {
  platform=$1 target=$2 library=$release/$1/$3
  shift 3
  echo "== golden files on $platform"
  runner=$release/$platform/runner
  linking=
  case $platform in
  windows-*) runner=$runner.exe ;;
  musl-*) linking=-dynamic ;; # a static program on musl loads no library
  esac
  ZIG_GLOBAL_CACHE_DIR=$PWD/$release/zig-cache "$zig_python" -m ziglang cc -target "$target" $linking -std=c11 -O1 -w -D_POSIX_C_SOURCE=200809L \
    -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_MATH_FUNCTIONS -Iext -Itests -I"$sqlite" -o "$runner" \
    tests/sql/*.c tests/support/*.c tests/host/load_library.c "$sqlite/sqlite3.c" -lm
  rm -f "${runner%.exe}.pdb"
  PIPELINE_HEALTH_LIBRARY=$library "$@" "$runner" --scratch "$release/$platform" tests/sql/*.test
  passed=$((passed + 1))
}

golden linux-x86_64 x86_64-linux-gnu.2.17 pipeline_health.so
golden musl-x86_64 x86_64-linux-musl pipeline_health.so /lib/ld-musl-x86_64.so.1
golden linux-aarch64 aarch64-linux-gnu.2.17 pipeline_health.so qemu-aarch64-static -L /usr/aarch64-linux-gnu
golden windows-x86_64 x86_64-windows-gnu pipeline_health.dll env WINEDEBUG=-all WINEPREFIX="$PWD/$release/wine" wine

echo "== the same bytes twice"
rm -rf "$again"
"$python" .ci/release.py "$zig_python" "$amalgamation" "$sqlite" "$again" >/dev/null
for file in "$again"/*.tar.gz "$again"/*.zip "$again"/*/pipeline_health.*; do
  cmp "$file" "$release/${file#"$again"/}"
  passed=$((passed + 1))
done
rm -rf "$again"
echo "$passed passed, 0 failed"
