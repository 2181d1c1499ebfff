#!/bin/bash
# Prints anew what the bindings have printed from proto/catalog.json; with --check it only tells what is not as it would be
# printed. What needs a program that is not here is passed over, and said.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

stale=0

# print_one FILE PROGRAM [ARGUMENT...]; of a binding that is not there nothing is printed
print_one() {
    local file=$1 printed
    shift
    if [[ ! -d ${file%%/*} ]]; then return; fi
    if ! command -v "$1" >/dev/null; then
        echo "bindings/$file: passed over, there is no $1"
        return
    fi
    printed=$(mktemp)
    "$@" >"$printed"
    if ! cmp -s "$printed" "$file"; then
        if [[ $mode == --check ]]; then
            echo "bindings/$file: not as it is printed from the catalog; run bindings/print_catalogs.sh"
            stale=1
        else
            cat "$printed" >"$file"
        fi
    fi
    rm -f "$printed"
}

mode=${1:-}
print_one go/catalog/catalog.go python3 catalog_print.py go
print_one java/src/main/java/io/tocsin/Catalog.java python3 catalog_print.py java
print_one node/src/catalog.ts node node/tools/print_catalog.mjs
print_one python/src/tocsin/catalog.py python3 python/tools/print_catalog.py
print_one rust/src/catalog.rs python3 catalog_print.py rust
exit "$stale"
