#!/bin/bash
# Rust >= 1.80; what is built lies in build/bindings/rust.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh rust
source env.sh
readonly least=1.80

packages=(rustc cargo)
# Debian 12's own is from 2022; beside it there is the one that its browsers are built with
if ! is_offered rustc "$least" && is_offered rustc-web "$least"; then packages=(rustc-web cargo-web); fi
need_program cargo "${packages[@]}"
need_version rustc "$(rustc --version | cut -d' ' -f2)" "$least"
cargo build --quiet --example matrix
