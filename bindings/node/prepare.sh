#!/bin/bash
# A copy of the package in build/bindings/node/package, with its node_modules, compiled; cheap when it is there. 77: it
# cannot be had here, and why.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh node
readonly package=$out/package

need_program node nodejs
need_program npm npm
need_version node "$(node --version | tr -d v)" 18
mkdir -p "$package"
for part in src test examples tools; do
    rm -rf "${package:?}/$part"
    cp -r "$part" "$package/$part"
done
cp README.md LICENSE tsconfig.json matrix.mjs bench.mjs "$package/"
if ! cmp -s package.json "$package/package.json" || [[ ! -f $package/node_modules/.ready ]]; then
    cp package.json "$package/"
    # ZeroMQ's binaries come with its package
    (cd "$package" && npm install --no-audit --no-fund --no-package-lock --ignore-scripts >"$out/npm.log" 2>&1) || {
        rm -f "$package/package.json"
        leave_out "npm install failed: $(tail -n 3 "$out/npm.log" | tr '\n' ' ')"
    }
    (cd "$package" && node -e 'require("zeromq")' >"$out/npm.log" 2>&1) || leave_out "zeromq has no binary for this system: $(head -n 3 "$out/npm.log" | tr '\n' ' ')"
    touch "$package/node_modules/.ready"
fi
sources=$(cat src/*.ts tsconfig.json | sha256sum)
if [[ $(cat "$package/dist/.sources" 2>/dev/null) != "$sources" ]]; then
    rm -rf "$package/dist"
    (cd "$package" && node_modules/.bin/tsc -p tsconfig.json)
    printf '%s\n' "$sources" >"$package/dist/.sources"
fi
