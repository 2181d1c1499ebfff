#!/bin/bash
# Events a second of the Java library; run by ./dev bench.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh java
source env.sh
prepare_or_leave
with_broker java -cp "$classpath" io.tocsin.Bench
