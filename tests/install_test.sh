#!/bin/bash
# What a stranger does with an installed Tocsin: install_test.sh BUILD_DIR C_COMPILER [SANITIZERS]
# Installs into a directory of its own and builds one small program in four ways: by pkg-config and by find_package,
# against the shared and against the static library. The program needs no network.
set -euo pipefail

build_dir=$1
export CC=$2
sanitizers=${3:-}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
prefix=$dir/prefix
if [[ -n $sanitizers ]]; then export CFLAGS=-fsanitize=$sanitizers LDFLAGS=-fsanitize=$sanitizers; fi

fail() {
    printf 'install_test: %s\n' "$*" >&2
    exit 1
}

cmake --install "$build_dir" --prefix "$prefix" >"$dir/install.log"
libdir=$(dirname "$(find "$prefix" -name libtocsin.so)")
version=$("$prefix/bin/tocsind" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+')

cat >"$dir/program.c" <<'TEXT'
#include <stdio.h>
#include <tocsin.h>
#include <tocsin_catalog.h>

int main(void)
{
    struct tocsin_event *event = tocsin_event_new();
    const int error = tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "StreamCreated", "#default#app/cam", "Hello");
    tocsin_event_free(&event);
    printf("%s %s\n", tocsin_version(), tocsin_error_text(error));
    return error ? 1 : 0;
}
TEXT

# expect_version HOW PROGRAM
expect_version() {
    local said
    said=$(LD_LIBRARY_PATH=$libdir "$2") || fail "$1: the program failed"
    [[ $said == "$version "* ]] || fail "$1: it says '$said' and not version $version"
    printf '%-32s %s\n' "$1" "$said"
}

export PKG_CONFIG_PATH=$libdir/pkgconfig
pkg-config --validate tocsin
[[ $(pkg-config --modversion tocsin) == "$version" ]] || fail "tocsin.pc has another version than tocsind"
flags=$(pkg-config --cflags --libs tocsin)
# shellcheck disable=SC2086
"$CC" ${CFLAGS:-} -Wall -Wextra -Wpedantic -Werror -std=c11 "$dir/program.c" -o "$dir/by-pkg-config" $flags
expect_version 'pkg-config' "$dir/by-pkg-config"

# The library statically and libzmq not: what --static says of libzmq in Debian cannot be linked.
flags="${flags/-ltocsin/-l:libtocsin.a} $(pkg-config --libs libzmq) -pthread"
# shellcheck disable=SC2086
"$CC" ${CFLAGS:-} -Wall -Wextra -Wpedantic -Werror -std=c11 "$dir/program.c" -o "$dir/by-pkg-config-static" $flags
expect_version 'pkg-config, static' "$dir/by-pkg-config-static"

cat >"$dir/CMakeLists.txt" <<TEXT
cmake_minimum_required(VERSION 3.25)
project(stranger LANGUAGES C)
find_package(tocsin ${version%.*} REQUIRED COMPONENTS static)
add_executable(shared program.c)
target_link_libraries(shared PRIVATE tocsin::tocsin)
add_executable(static program.c)
target_link_libraries(static PRIVATE tocsin::tocsin_static)
TEXT
{
    cmake -S "$dir" -B "$dir/build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Debug
    cmake --build "$dir/build"
} >"$dir/cmake.log" 2>&1 || fail "find_package: $(cat "$dir/cmake.log")"
expect_version 'find_package, shared' "$dir/build/shared"
expect_version 'find_package, static' "$dir/build/static"

# Only names of ours, so that no stranger's name meets one of our inner ones.
foreign=$(nm -D --defined-only "$libdir/libtocsin.so" | awk '$2 ~ /[TDBRV]/ {print $3}' | grep -v '^tocsin_' || true)
[[ -z $foreign || -n $sanitizers ]] || fail "libtocsin.so exports names that are not its own: $foreign"

for file in bin/tocsin include/tocsin.h include/tocsin_base.h include/tocsin_error.def include/tocsin_catalog.h \
    lib/systemd/system/tocsind.service lib/systemd/system/tocsin-gateway@.service lib/systemd/system/tocsin-alert.service etc/tocsin/tocsind.yaml \
    share/man/man1/tocsin.1 share/man/man8/tocsind.8; do
    [[ -f $prefix/$file ]] || fail "$file was not installed"
done
"$prefix/bin/tocsind" --check-config -c "$prefix/etc/tocsin/tocsind.yaml" || fail "the installed settings are not right"
"$prefix/bin/tocsin" --version >/dev/null || fail "the installed command line does not run"
