#!/bin/bash
# The package's tests: types, vectors, a real broker, the README's program, the examples, what would be published.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
TOCSIN_BUILD_DIR=$(realpath "${TOCSIN_BUILD_DIR:-../../build/test}")
TOCSIN_ROOT=$(realpath ../..)
export TOCSIN_BUILD_DIR TOCSIN_ROOT

status=0
./prepare.sh || status=$?
if [[ $status -eq 77 ]]; then
    echo "bindings/node: left out, as told above"
    [[ ${CI:-} != true ]]
    exit
fi
[[ $status -eq 0 ]]

cd ../../build/bindings/node/package
node_modules/.bin/tsc --noEmit --target ES2022 --module NodeNext --moduleResolution NodeNext --lib ES2022,ESNext.Disposable \
    --strict --skipLibCheck --types node test/types.ts
if [[ $# -eq 0 ]]; then set -- test/*.test.mjs; fi
node --test "$@"
python3 "$TOCSIN_ROOT/bindings/kill_test.py" node matrix.mjs
# shellcheck disable=SC2016 # JavaScript's own
npm pack --dry-run --ignore-scripts --json 2>/dev/null | node -e '
const files = JSON.parse(require("fs").readFileSync(0))[0].files.map(({ path }) => path);
for (const path of ["dist/index.js", "dist/index.d.ts", "dist/catalog.js", "README.md"])
  if (!files.includes(path)) throw new Error(`${path} would not be published`);'
echo "bindings/node: all well"
