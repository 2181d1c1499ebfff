# shellcheck shell=bash
# ./dev lint: what can be said about the sources without running them. Each check runs even when one before it failed.

# What the tree is formatted with: Debian 12's. Other versions break a few lines elsewhere.
clang_format_version=14

lint_format() {
    local version
    version=$(clang-format --version | grep -oE '[0-9]+' | head -n 1)
    if [[ $version != "$clang_format_version" ]]; then
        say "formatting not checked: it is clang-format $clang_format_version's, and this one is $version"
        return 0
    fi
    sources '*.c' '*.h' | xargs -r -d '\n' clang-format --dry-run -Werror
}

lint_rules() {
    packaging/dev/rules.sh
}

# The parts of ./dev are read with it, since they use each other's names.
lint_shell() {
    { sources '*.sh' | grep -v '^packaging/dev/'; printf '%s\n' dev .ci/run packaging/dev/rules.sh; } |
        xargs -r -d '\n' shellcheck -x
}

# Told to be still about: an array that is filled while it is passed on, memory that a table holds, and >> of what is
# negative, which gcc and clang define.
lint_cppcheck() {
    sources 'proto/*.c' 'broker/*.c' 'client/*.c' | xargs -r -d '\n' cppcheck --quiet --error-exitcode=1 \
        --inline-suppr --std=c11 --enable=warning,performance,portability \
        --suppress=uninitvar:proto/text.h --suppress=memleak:broker/name_map.c --suppress=shiftNegativeLHS \
        -D_GNU_SOURCE -I. -j "$jobs_count"
}

# By way of the compilation database, so that only what is built is looked at, with the flags that it is built with.
lint_clang_tidy() {
    grep -oE '"file": "[^"]+"' build/lint/compile_commands.json | cut -d'"' -f4 | sort -u |
        xargs -r -d '\n' -P "$jobs_count" -n 4 clang-tidy -p build/lint --quiet 2>build/lint/clang-tidy.log
}

cmd_lint() {
    local check failed=()
    ensure_packages "${packages_build[@]}" "${packages_judge[@]}" clang clang-tidy clang-format cppcheck shellcheck
    say "configuring build/lint"
    quietly build/lint/dev.log cmake --preset lint
    for check in rules shell format cppcheck clang_tidy; do
        say "$check"
        "lint_$check" || failed+=("$check")
    done
    [[ ${#failed[@]} -eq 0 ]] || die "lint: ${failed[*]} failed"
}
