# shellcheck shell=bash disable=SC2154
# Go's caches, out of the tree.
export GOCACHE=$out/cache GOMODCACHE=$out/modules
export GOFLAGS="-modcacherw -p=2 ${GOFLAGS:-}"
