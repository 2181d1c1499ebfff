#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# The tests of the Go binding; run by ./dev test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh go
source env.sh

run_beside_broker() {
    local program=$out/readme.go
    first_program go | sed "s/tocsin.Client{}/tocsin.Client{Server: \"$TOCSIN_SERVER\"}/" >"$program"
    timeout 60 go run "$program"
    timeout 60 go run ./examples/publish "$TOCSIN_SERVER"
    timeout 60 go run ./examples/append "$TOCSIN_SERVER"
    rm -f "$out/cursor"
    timeout 60 go run ./examples/follow "$TOCSIN_SERVER" 4 "$out/cursor"
    # the fourth event was told, and nobody asked for more: it was not handled
    [[ $(timeout 60 go run ./examples/follow "$TOCSIN_SERVER" 1 "$out/cursor") == 4\ * ]]
}

if [[ ${1:-} == beside-broker ]]; then
    run_beside_broker
    exit
fi

prepare_or_leave
same_as_printed catalog/catalog.go
unformatted=$(gofmt -l . )
if [[ -n $unformatted ]]; then
    printf 'not as gofmt writes it: %s\n' "$unformatted" >&2
    exit 1
fi
go vet ./...
race=()
if [[ $(go env CGO_ENABLED) == 1 ]] && command -v gcc >/dev/null; then race=(-race); fi
go test -count=1 "${race[@]}" ./...
with_broker bash test.sh beside-broker
python3 ../kill_test.py "$out/matrix"
python3 ../curve.py "$out/matrix"
