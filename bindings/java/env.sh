# shellcheck shell=bash disable=SC2154,SC2034
# What Maven builds and downloads lies out of the tree.
repository=$out/repository
target=$out/target
classpath="$target/classes:$target/test-classes:$target/dependency/*"
maven() {
    mvn -q -B -Dstyle.color=never -Dmaven.repo.local="$repository" -Doutput.directory="$target" "$@"
}
