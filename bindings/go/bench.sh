#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# Events a second of the Go binding; run by ./dev bench.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh go
source env.sh
prepare_or_leave
(cd bench && go build -o "$out/bench" .)
with_broker "$out/bench"
