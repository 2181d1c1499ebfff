# shellcheck shell=bash disable=SC2154
# What cargo builds lies out of the tree.
export CARGO_TARGET_DIR=$out/target CARGO_BUILD_JOBS=${CARGO_BUILD_JOBS:-2}
