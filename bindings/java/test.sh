#!/bin/bash
# The tests of the Java library; run by ./dev test.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh java
source env.sh

run_beside_broker() {
    mkdir -p "$out/readme"
    first_program java | sed "s/Client.create()/Client.of(\"$TOCSIN_SERVER\")/" >"$out/readme/Hello.java"
    timeout 60 java -cp "$classpath" "$out/readme/Hello.java"
    timeout 60 java -cp "$classpath" examples/Publish.java "$TOCSIN_SERVER"
    timeout 60 java -cp "$classpath" examples/Append.java "$TOCSIN_SERVER"
    rm -f "$out/cursor"
    timeout 60 java -cp "$classpath" examples/Follow.java "$TOCSIN_SERVER" 4 "$out/cursor"
    # the fourth event was told, and nobody asked for more: it was not handled
    [[ $(timeout 60 java -cp "$classpath" examples/Follow.java "$TOCSIN_SERVER" 1 "$out/cursor") == 4\ * ]]
}

if [[ ${1:-} == beside-broker ]]; then
    run_beside_broker
    exit
fi

prepare_or_leave
same_as_printed src/main/java/io/tocsin/Catalog.java
maven package
with_broker bash test.sh beside-broker
matrix=(java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$classpath" io.tocsin.Matrix)
python3 ../kill_test.py "${matrix[@]}"
python3 ../curve.py "${matrix[@]}"
