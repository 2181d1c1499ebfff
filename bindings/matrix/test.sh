#!/bin/bash
# Every language writes, every language reads, on a real broker, without keys and with CURVE: all events arrive equal.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
TOCSIN_BUILD_DIR=$(realpath "${TOCSIN_BUILD_DIR:-../../build/test}")
export TOCSIN_BUILD_DIR

languages=() left_out=()
for command in ../*/matrix.cmd; do
    language=$(basename "$(dirname "$command")")
    status=0
    bash "../$language/prepare.sh" || status=$?
    case $status in
        0) languages+=("$language") ;;
        77) left_out+=("$language") ;;
        *) exit "$status" ;;
    esac
done
python3 matrix.py c "${languages[@]}"
if [[ ${#left_out[@]} -gt 0 ]]; then
    echo "bindings/matrix: left out, as told above: ${left_out[*]}"
    [[ ${CI:-} != true ]]
fi
