#!/bin/bash
# The rules of the house that no compiler checks: which floor may include what, what libzmq must never be asked, how
# long a file may be. Run by ./dev lint and as a test; prints every breach as FILE:LINE: and fails when there is one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

breaches=0

breach() {
    printf '%s\n' "$*"
    breaches=$((breaches + 1))
}

c_files() {
    find "$@" -type f \( -name '*.c' -o -name '*.h' -o -name '*.def' \) | sort
}

# forbid FLOOR PATTERN WHY: no line of the floor's files matches the extended pattern.
forbid() {
    local hit
    while IFS= read -r hit; do
        [[ -z $hit ]] || breach "$hit: $3"
    done < <(c_files "$1" | xargs -r -d '\n' grep -nE "$2" | cut -d: -f1,2)
}

include_of() {
    printf '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"](%s)' "$1"
}

# proto/ is pure: of the libraries only libc, and of that nothing that reaches out or tells the time. emmintrin.h is the
# compiler's: SSE2.
readonly proto_libc='assert|ctype|emmintrin|endian|errno|float|inttypes|limits|math|stdarg|stdbool|stddef|stdint|stdio|stdlib|string'

check_floors() {
    local floor
    forbid proto "$(include_of '(broker|client|tests)/')" 'proto/ includes nothing from the floors above'
    while IFS= read -r floor; do
        breach "$floor: proto/ uses libc only; what needs libzstd stands in proto/zst/"
    done < <(c_files proto | grep -v '^proto/zst/' | xargs -r -d '\n' grep -nE "$(include_of 'proto/zst/')" | cut -d: -f1,2)
    forbid broker "$(include_of '(client|tests)/')" 'broker/ and client/ never include each other, nor tests/'
    forbid client "$(include_of '(broker|tests)/')" 'broker/ and client/ never include each other, nor tests/'
    while IFS= read -r floor; do
        breach "$floor: proto/ uses libc only, without sockets, files, threads or clock"
    done < <(c_files proto | grep -v '^proto/zst/' | xargs -r -d '\n' grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*<' |
        grep -vE "<($proto_libc)\.h>" | cut -d: -f1,2)
    while IFS= read -r floor; do
        breach "$floor: proto/zst/ uses libc and libzstd only, without sockets, files, threads or clock"
    done < <(c_files proto/zst | xargs -r -d '\n' grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*<' |
        grep -vE "<($proto_libc|sys/types|zstd)\.h>" | cut -d: -f1,2)
}

# Each of these lets a peer abort the broker, or loses messages, on a libzmq that Debian ships.
check_zmq() {
    local floor options='ZMQ_HEARTBEAT_|ZMQ_XPUB_MANUAL|ZMQ_XPUB_NODROP|ZMQ_ROUTER_HANDOVER'
    options+='|zsock_set_(heartbeat|xpub_manual|xpub_nodrop|router_handover)'
    for floor in broker client; do
        forbid "$floor" "$options" 'an option of libzmq that is never to be set (docs/ARCHITECTURE.md)'
    done
}

# check_lengths MAX FLOOR...: tables and what is printed from them may be as long as they are.
check_lengths() {
    local max=$1 file lines
    shift
    while IFS= read -r file; do
        lines=$(wc -l <"$file")
        if [[ $lines -le $max || $file == *.def ]]; then continue; fi
        if grep -qi 'printed from' <(head -n 3 "$file"); then continue; fi
        breach "$file:$lines: longer than $max lines; split it"
    done < <(c_files "$@")
}

check_floors
check_zmq
check_lengths 300 proto broker client
check_lengths 650 tests
if [[ $breaches -gt 0 ]]; then
    printf '%d breaches of the rules of the house\n' "$breaches"
    exit 1
fi
