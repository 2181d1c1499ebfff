#!/bin/bash
# A JDK >= 17 and Maven; what is downloaded and built lies in build/bindings/java.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ../toolchain.sh java
source env.sh

need_program javac 'default-jdk-headless'
need_program mvn maven
need_version javac "$(javac -version 2>/dev/null | sed -n 's/^javac //p')" 17
# as quick as looking when nothing has changed since
if [[ ! -e $target/prepared || -n $(find pom.xml src -newer "$target/prepared") ]]; then
    maven test-compile dependency:copy-dependencies
    touch "$target/prepared"
fi
