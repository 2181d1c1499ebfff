#!/bin/bash
# A virtual environment in build/bindings/python/venv with what the package and its tests need; cheap when it is there.
# 77: it cannot be had here, and why.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly venv=../../build/bindings/python/venv
readonly needed='pyzmq>=24 msgpack>=1.0.3 mypy>=1.8 pytest>=7 setuptools>=77 build>=1 twine>=5'

leave_out() {
    printf 'python: %s\n' "$*"
    exit 77
}

python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null || leave_out "there is no Python 3.9 or later"
if [[ $(cat "$venv/prepared" 2>/dev/null) == "$needed" ]]; then exit 0; fi
rm -rf "$venv"
mkdir -p "$(dirname "$venv")"
python3 -m venv "$venv" >"$venv.log" 2>&1 || leave_out "python3 -m venv failed (Debian: apt install python3-venv): $(tail -n 1 "$venv.log")"
read -ra packages <<<"$needed"
"$venv/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}" >"$venv.log" 2>&1 ||
    leave_out "pip could not install $needed: $(tail -n 1 "$venv.log")"
printf '%s\n' "$needed" >"$venv/prepared"
