# shellcheck shell=bash
# What every command of ./dev uses: speaking, building, and how programs run under the sanitizers.

jobs_count=${JOBS:-$(nproc)}

# Told in one place, for every test, fuzz run and scenario.
export ASAN_OPTIONS="detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1:allocator_may_return_null=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
export LSAN_OPTIONS="print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1:suppressions='$PWD/tests/tsan.supp'${TSAN_OPTIONS:+:$TSAN_OPTIONS}"

# Progress and complaints go to stderr, so that what a command prints can be piped.
if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
    say_prefix=$'\033[1m==>\033[0m'
else
    say_prefix='==>'
fi

say() {
    printf '%s %s\n' "$say_prefix" "$*" >&2
}

die() {
    printf './dev: %s\n' "$*" >&2
    exit 1
}

die_usage() {
    printf './dev: %s\n' "$*" >&2
    exit 2
}

# quietly LOG COMMAND...: runs it with its output in LOG, which is shown only when it fails.
quietly() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        die "failed: $* (the output above is also in $log)"
    fi
}

# build PRESET [TARGET...]: configures and builds build/PRESET, or those targets of it, as CMakePresets.json says; on a
# terminal with ninja's progress.
build() {
    local preset=$1 log=build/$1/dev.log
    local targets=("${@:2}")
    say "building build/$preset"
    quietly "$log" cmake --preset "$preset"
    if [[ ${#targets[@]} -gt 0 ]]; then targets=(--target "${targets[@]}"); fi
    if [[ -t 2 ]]; then
        cmake --build "build/$preset" -j "$jobs_count" "${targets[@]}" >&2 || die "the build of build/$preset failed"
    else
        quietly "$log" cmake --build "build/$preset" -j "$jobs_count" "${targets[@]}" -- --quiet
    fi
}

# steadily COMMAND...: runs it with a fixed address layout where the kernel allows that. The sanitizers of Debian 12
# fall over, now and then, on kernels that randomise more bits than they knew of.
steadily() {
    if setarch "$(uname -m)" -R true 2>/dev/null; then
        setarch "$(uname -m)" -R "$@"
    else
        "$@"
    fi
}

# sources PATTERN...: our files that match, tracked or new, whether this is a git checkout or an unpacked archive.
sources() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r file; do
            if [[ -f $file ]]; then printf '%s\n' "$file"; fi
        done
    else
        local pattern names=()
        for pattern in "$@"; do
            names+=(-o -path "./${pattern#./}" -o -path "./*/${pattern#./}")
        done
        find . -path ./build -prune -o -type f \( "${names[@]:1}" \) -printf '%P\n' | sort
    fi
}
