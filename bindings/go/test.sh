#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# The tests of the Go binding; run by ./dev test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh go
source env.sh

# The README's first program, in a module of its own that needs this one.
run_readme() {
    local fresh=$out/fresh module=github.com/tocsin/tocsin/bindings/go here=$PWD
    rm -rf "$fresh"
    mkdir -p "$fresh"
    first_program go | sed "s/127.0.0.1:5560/$TOCSIN_SERVER/" >"$fresh/main.go"
    (
        cd "$fresh"
        go mod init example.org/fresh
        go mod edit -replace "$module=$here"
        go mod tidy
    ) >"$out/fresh.log" 2>&1 || {
        cat "$out/fresh.log"
        return 1
    }
    (cd "$fresh" && timeout 60 go run . 2>&1) | grep '{1 [0-9]* [0-9a-f]*} <nil>'
}

run_beside_broker() {
    run_readme
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
