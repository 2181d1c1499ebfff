#!/bin/bash
# Events a second of the binding, beside the bare zeromq.js.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
status=0
./prepare.sh || status=$?
if [[ $status -eq 77 ]]; then exit 0; fi
[[ $status -eq 0 ]]
# shellcheck disable=SC2016 # TOCSIN_SERVER is for the shell that broker.py starts
python3 ../broker.py -- sh -c 'exec node ../../build/bindings/node/package/bench.mjs "$TOCSIN_SERVER" "$@"' bench "$@"
