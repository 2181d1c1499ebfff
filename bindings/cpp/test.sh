#!/bin/bash
# The tests of the C++ wrapper; run by ./dev test.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh cpp
source env.sh

# The README's first program against what `cmake --install` puts into a folder.
run_readme() {
    local prefix=$out/prefix part
    rm -rf "$prefix"
    for part in client development; do
        cmake --install "$TOCSIN_BUILD_DIR" --prefix "$prefix" --component "$part" >"$out/install.log" || cat "$out/install.log"
    done
    first_program cpp | sed "s/127.0.0.1:5560/$TOCSIN_SERVER/" >"$out/readme.cpp"
    # shellcheck disable=SC2046
    $CXX -std=c++17 -Wall -Wextra -Wpedantic -Werror ${sanitizers:+"-fsanitize=$sanitizers"} "$out/readme.cpp" -o "$out/readme" \
        $(PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name tocsin.pc)") pkg-config --cflags --libs tocsin) \
        -Wl,-rpath,"$(dirname "$(find "$prefix" -name libtocsin.so)")"
    [[ $(timeout 60 "$out/readme") =~ ^seq\ [0-9]+\ of ]]
}

run_beside_broker() {
    rm -f "$out/cursor"*
    timeout 60 "$out/test" "$TOCSIN_SERVER" "$out/cursor"
    run_readme
    timeout 60 "$out/follow" "$TOCSIN_SERVER" 3
}

if [[ ${1:-} == beside-broker ]]; then
    run_beside_broker
    exit
fi

prepare_or_leave
need_program pkg-config pkgconf
compile test tests/test.cpp
compile vectors tests/vectors.cpp
compile round tests/round.cpp
compile follow examples/follow.cpp
python3 tests/vectors.py | "$out/vectors"
with_broker bash test.sh beside-broker
python3 tests/vectors.py --valid >"$out/valid.tsv"
# shellcheck disable=SC2016 # TOCSIN_SERVER is for the shell that broker.py starts
with_broker sh -c 'timeout 60 "$1" "$TOCSIN_SERVER" <"$2"' round "$out/round" "$out/valid.tsv"
python3 ../kill_test.py "$out/matrix"
if command -v clang++ >/dev/null; then CXX=clang++ compile test-clang tests/test.cpp; fi
python3 ../curve.py "$out/matrix"
