#!/bin/bash
# The tests of the Rust crate; run by ./dev test.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh rust
source env.sh

run_beside_broker() {
    local examples=$CARGO_TARGET_DIR/debug/examples
    timeout 60 "$examples/readme"
    timeout 60 "$examples/publish" "$TOCSIN_SERVER"
    timeout 60 "$examples/append" "$TOCSIN_SERVER"
    rm -f "$out/cursor"
    timeout 60 "$examples/follow" "$TOCSIN_SERVER" 4 "$out/cursor"
    # the fourth event was told, and nobody asked for more: it was not handled
    [[ $(timeout 60 "$examples/follow" "$TOCSIN_SERVER" 1 "$out/cursor") == 4\ * ]]
}

# The README's program as an example of a copy of the crate, with the broker of the test for the one of this machine.
build_readme_program() {
    local copy=$out/readme
    rm -rf "$copy"
    mkdir -p "$copy"
    cp -r Cargo.toml README.md src examples "$copy"
    first_program rust | sed 's/Client::default()/Client::new(\&std::env::var("TOCSIN_SERVER").unwrap())/' \
        >"$copy/examples/readme.rs"
    (cd "$copy" && cargo build --quiet --example readme)
}

if [[ ${1:-} == beside-broker ]]; then
    run_beside_broker
    exit
fi

prepare_or_leave
same_as_printed src/catalog.rs
if command -v rustfmt >/dev/null; then cargo fmt --check; else echo "bindings/rust: without rustfmt, which is not there"; fi
if cargo clippy --version >/dev/null 2>&1; then
    cargo clippy --quiet --all-targets --features tracing -- -D warnings
else
    echo "bindings/rust: without clippy, which is not there (Debian: rust-clippy)"
fi
cargo test --quiet --features tracing
cargo build --quiet --examples
build_readme_program
with_broker bash test.sh beside-broker
python3 ../kill_test.py "$CARGO_TARGET_DIR/debug/examples/matrix"
python3 ../curve.py "$CARGO_TARGET_DIR/debug/examples/matrix"
