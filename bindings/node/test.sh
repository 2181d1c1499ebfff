#!/bin/bash
# The package's tests: types, vectors, a real broker, the README's program, the examples, what would be published.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh node
TOCSIN_BUILD_DIR=$(realpath "$TOCSIN_BUILD_DIR")
TOCSIN_ROOT=$tocsin_root
export TOCSIN_BUILD_DIR TOCSIN_ROOT

prepare_or_leave
cmp LICENSE ../../LICENSE
program=$(first_program js)

cd "$out/package"
if [[ $# -eq 0 ]]; then set -- test/*.test.mjs; fi
timeout 900 node --test "$@"
python3 "$TOCSIN_ROOT/bindings/kill_test.py" node matrix.mjs

# What would be published: packed, installed into a folder of its own, and used as the README says.
rm -rf "$out/fresh" "$out"/*.tgz
mkdir -p "$out/fresh"
npm pack --ignore-scripts --pack-destination "$out" >"$out/pack.log" 2>&1
cd "$out/fresh"
echo '{ "type": "module" }' >package.json
npm install --no-audit --no-fund --ignore-scripts "$out"/tocsin-client-*.tgz >"$out/npm.log" 2>&1
[[ -f node_modules/tocsin-client/LICENSE ]]
cp ../package/test/types.ts .
../package/node_modules/.bin/tsc --noEmit --target ES2022 --module NodeNext --moduleResolution NodeNext --lib ES2022,ESNext.Disposable \
    --strict --skipLibCheck --types node --typeRoots ../package/node_modules/@types types.ts
printf '%s\n' "$program" >program.mjs
# shellcheck disable=SC2016 # TOCSIN_SERVER is for the shell that broker.py starts
with_broker sh -c 'sed -i "s/127.0.0.1:5560/$TOCSIN_SERVER/" program.mjs && timeout 60 node program.mjs' | grep 'A camera came'
echo "bindings/node: all well"
