#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# Go >= 1.23; what is downloaded and built lies in build/bindings/go.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh go
source env.sh

need_program go golang-go
need_version go "$(go env GOVERSION | sed 's/^go//')" 1.23
go build -o "$out/matrix" ./internal/matrix
