#!/bin/bash
# Rust >= 1.93; what is built lies in build/bindings/rust.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh rust
source env.sh
readonly least=1.93

packages=(rustc cargo)
# Debian's own is older (12: 1.63, 13: 1.85); beside it there is the one that its browsers are built with
if ! is_offered rustc "$least" && is_offered rustc-web "$least"; then packages=(rustc-web cargo-web); fi
need_program cargo "${packages[@]}"
need_version rustc "$(rustc --version | cut -d' ' -f2)" "$least"
cargo build --quiet --example matrix
