#!/bin/bash
# A copy of the package in build/bindings/node/package, with its node_modules, compiled; cheap when it is there. 77: it
# cannot be had here, and why.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly package=../../build/bindings/node/package

leave_out() {
    printf 'node: %s\n' "$*"
    exit 77
}

node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' 2>/dev/null || leave_out "there is no Node.js 18 or later"
command -v npm >/dev/null || leave_out "there is no npm"
mkdir -p "$package"
for part in src test examples tools; do
    rm -rf "${package:?}/$part"
    cp -r "$part" "$package/$part"
done
cp README.md tsconfig.json matrix.mjs bench.mjs "$package/"
if ! cmp -s package.json "$package/package.json" || [[ ! -f $package/node_modules/.ready ]]; then
    cp package.json "$package/"
    # ZeroMQ's binaries come with its package
    (cd "$package" && npm install --no-audit --no-fund --no-package-lock --ignore-scripts >../npm.log 2>&1) || {
        rm -f "$package/package.json"
        leave_out "npm install failed: $(tail -n 3 "$package/../npm.log" | tr '\n' ' ')"
    }
    (cd "$package" && node -e 'require("zeromq")' >../npm.log 2>&1) || leave_out "zeromq has no binary for this system: $(head -n 3 "$package/../npm.log" | tr '\n' ' ')"
    touch "$package/node_modules/.ready"
fi
sources=$(cat src/*.ts tsconfig.json | sha256sum)
if [[ $(cat "$package/dist/.sources" 2>/dev/null) != "$sources" ]]; then
    rm -rf "$package/dist"
    (cd "$package" && node_modules/.bin/tsc -p tsconfig.json)
    printf '%s\n' "$sources" >"$package/dist/.sources"
fi
