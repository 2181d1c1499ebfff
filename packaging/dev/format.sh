# shellcheck shell=bash
# ./dev format: the C files as .clang-format says. Tables (.def) are laid out by hand.

cmd_format() {
    ensure_packages clang-format
    sources '*.c' '*.h' | xargs -r -d '\n' clang-format -i
}
