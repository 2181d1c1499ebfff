# shellcheck shell=bash disable=SC2154
# How a program is built against the libtocsin that is under test, with its sanitizers.
CXX=${CXX:-c++}
library_dir=$TOCSIN_BUILD_DIR/client
sanitizers=$(sed -n 's/^TOCSIN_SANITIZE:[A-Z]*=//p' "$TOCSIN_BUILD_DIR/CMakeCache.txt")
flags=(-std=c++17 -O1 -g -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Iinclude
    -isystem "$library_dir/include" ${sanitizers:+"-fsanitize=$sanitizers"})

# Programs stay with the library that they were built against.
if [[ $(cat "$out/built-against" 2>/dev/null) != "$library_dir" ]]; then
    find "$out" -maxdepth 1 -type f -perm -u+x -delete
    printf '%s\n' "$library_dir" >"$out/built-against"
fi

# compile PROGRAM SOURCE: into build/bindings/cpp, unless it is there and newer than all that it is made of.
compile() {
    local program=$out/$1 made_of
    made_of=$(printf '%s\n' "$2" tests/*.hpp include/*.hpp include/tocsin/*.hpp "$library_dir"/include/* "$library_dir/libtocsin.so" env.sh)
    if [[ -x $program && -z $(xargs -d '\n' -I{} find -L {} -newer "$program" <<<"$made_of") ]]; then return 0; fi
    # shellcheck disable=SC2086
    $CXX "${flags[@]}" "$2" -o "$program" -L"$library_dir" -ltocsin -Wl,-rpath,"$library_dir" -pthread
}
