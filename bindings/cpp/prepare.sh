#!/bin/bash
# g++ or clang++ with C++17, and libtocsin in TOCSIN_BUILD_DIR.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh cpp
source env.sh

need_program "${CXX%% *}" g++
compile matrix matrix.cpp
