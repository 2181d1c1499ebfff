#!/bin/bash
# The tests of the C++ wrapper; run by ./dev test.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh cpp
source env.sh

run_beside_broker() {
    timeout 60 "$out/test" "$TOCSIN_SERVER"
    timeout 60 "$out/follow" "$TOCSIN_SERVER" 3
}

if [[ ${1:-} == beside-broker ]]; then
    run_beside_broker
    exit
fi

prepare_or_leave
first_program cpp >"$out/readme.cpp"
compile readme "$out/readme.cpp"
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
