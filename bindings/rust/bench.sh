#!/bin/bash
# Events a second of the Rust crate; run by ./dev bench.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh rust
source env.sh
prepare_or_leave
(cd bench && cargo build --quiet --release)
with_broker "$CARGO_TARGET_DIR/release/tocsin-bench"
