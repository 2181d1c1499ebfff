#!/bin/bash
# The package's tests: types, vectors, a real broker, the README's program, the examples, the wheel.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
TOCSIN_BUILD_DIR=$(realpath "${TOCSIN_BUILD_DIR:-../../build/test}")
PYTHONPATH=$PWD/src
export TOCSIN_BUILD_DIR PYTHONPATH PYTHONDONTWRITEBYTECODE=1
readonly out=$PWD/../../build/bindings/python

status=0
./prepare.sh || status=$?
if [[ $status -eq 77 ]]; then
    echo "bindings/python: left out, as told above"
    [[ ${CI:-} != true ]]
    exit
fi
[[ $status -eq 0 ]]

"$out/venv/bin/mypy" --cache-dir "$out/mypy" src examples matrix.py bench.py
"$out/venv/bin/python" -m pytest -q -p no:cacheprovider tests "$@"
python3 ../kill_test.py "$out/venv/bin/python" matrix.py

rm -rf "$out/wheel" "$out/copy"
mkdir -p "$out/copy"
cp -r src pyproject.toml README.md "$out/copy"
"$out/venv/bin/pip" wheel --quiet --no-deps --no-build-isolation --wheel-dir "$out/wheel" "$out/copy" >"$out/wheel.log" 2>&1 || {
    cat "$out/wheel.log"
    exit 1
}
"$out/venv/bin/python" - "$out"/wheel/*.whl <<'PYTHON'
import sys, zipfile
names = zipfile.ZipFile(sys.argv[1]).namelist()
assert "tocsin/py.typed" in names and "tocsin/catalog.py" in names, names
PYTHON
echo "bindings/python: all well"
