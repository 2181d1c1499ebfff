#!/bin/bash
# The package's tests: types, vectors, a real broker, the README's program, the examples, the wheel.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh python
PYTHONPATH=$PWD/src
TOCSIN_BUILD_DIR=$(realpath "$TOCSIN_BUILD_DIR")
export TOCSIN_BUILD_DIR PYTHONPATH PYTHONDONTWRITEBYTECODE=1

prepare_or_leave

"$out/venv/bin/mypy" --cache-dir "$out/mypy" src examples matrix.py bench.py
"$out/venv/bin/python" -m pytest -q -p no:cacheprovider tests "$@"
python3 ../kill_test.py "$out/venv/bin/python" matrix.py

# What would be published: built, judged, installed into an environment of its own, and used as the README says.
cmp LICENSE ../../LICENSE
rm -rf "$out/copy" "$out/fresh"
mkdir -p "$out/copy"
cp -r src examples pyproject.toml MANIFEST.in README.md LICENSE "$out/copy"
(cd "$out/copy" && "$out/venv/bin/python" -m build --no-isolation . >"$out/build.log" 2>&1) || {
    cat "$out/build.log"
    exit 1
}
"$out/venv/bin/twine" check --strict "$out"/copy/dist/*
python3 -m venv "$out/fresh"
"$out/fresh/bin/pip" install --quiet --disable-pip-version-check "$out"/copy/dist/*.whl
unset PYTHONPATH
first_program python >"$out/readme.py"
# shellcheck disable=SC2016 # TOCSIN_SERVER is for the shell that broker.py starts
with_broker sh -c 'sed "s/127.0.0.1:5560/$TOCSIN_SERVER/" "$1/readme.py" | timeout 60 "$1/fresh/bin/python" -' sh "$out" |
    grep 'A camera came'
"$out/venv/bin/mypy" --strict --cache-dir "$out/mypy-fresh" --python-executable "$out/fresh/bin/python" examples
echo "bindings/python: all well"
