#!/bin/bash
# Events a second of the C++ wrapper; run by ./dev bench.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh cpp
source env.sh
prepare_or_leave
flags+=(-O2)
CXX="${CXX:-c++}"
# shellcheck disable=SC2154
"$CXX" "${flags[@]}" bench/bench.cpp -o "$out/bench" -L"$library_dir" -ltocsin -lzmq -Wl,-rpath,"$library_dir" -pthread
with_broker bash -c "\"$out/bench\" \"\$TOCSIN_SERVER\""
