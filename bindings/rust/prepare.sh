#!/bin/bash
# Rust >= 1.80; what is built lies in build/bindings/rust.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh rust
source env.sh

need_program cargo cargo
need_program rustc rustc
need_version rustc "$(rustc --version | cut -d' ' -f2)" 1.80
cargo build --quiet --example matrix
