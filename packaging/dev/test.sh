# shellcheck shell=bash
# ./dev test: everything under ASan and UBSan, those scenarios that reach all threads again under TSan, what no sanitizer
# can follow without one, then the bindings' own tests.

failed_parts=()
tests_passed=0
tests_failed=0

# Adds what a run of ctest wrote to the totals; one that wrote nothing was broken off, and counts as a failure.
count_results() {
    local junit=$1 total failures
    if [[ ! -f $junit ]]; then
        tests_failed=$((tests_failed + 1))
        return 0
    fi
    total=$(grep -c '<testcase ' "$junit") || true
    failures=$(grep -c '<testcase .*status="fail"' "$junit") || true
    tests_failed=$((tests_failed + failures))
    tests_passed=$((tests_passed + total - failures))
}

# run_ctest PRESET [ARG...]
run_ctest() {
    local preset=$1 junit=$PWD/build/$1/junit.xml
    shift
    rm -f "$junit"
    steadily ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --parallel "$jobs_count" \
        --output-junit "$junit" "$@" || failed_parts+=("$preset")
    count_results "$junit"
}

run_sanitized() {
    build test
    run_ctest test "$@"
}

run_tsan() {
    build tsan
    run_ctest tsan -L threads "$@"
}

# Power cuts, in guests that are too small for a sanitizer's memory.
run_plain() {
    build bench
    run_ctest bench -L plain
}

# run_bindings [NAME...]: a binding has its own tools and its own runner; its test.sh installs what it needs and fails
# when a test does.
run_bindings() {
    local script name
    for script in bindings/*/test.sh; do
        name=$(basename "$(dirname "$script")")
        if [[ $# -gt 0 && " $* " != *" $name "* ]]; then continue; fi
        say "$script"
        if TOCSIN_BUILD_DIR=$PWD/build/test bash "$script"; then
            tests_passed=$((tests_passed + 1))
        else
            tests_failed=$((tests_failed + 1))
            failed_parts+=("$script")
        fi
    done
}

# What the bindings talk to, and what the one in C++ is a wrapper of.
run_bindings_only() {
    local name
    for name in "$@"; do
        [[ -f bindings/$name/test.sh ]] || die_usage "no such binding: $name"
    done
    build test tocsind tocsin_cli tocsin_client tocsin_client_static
    run_bindings "$@"
}

cmd_test() {
    ensure_packages "${packages_build[@]}" "${packages_judge[@]}" g++ python3 python3-venv python3-zmq \
        python3-msgpack mount util-linux iproute2 nftables e2fsprogs locales prometheus-alertmanager
    # only where Debian has it: i386 and amd64
    if is_available user-mode-linux; then ensure_packages user-mode-linux; fi
    case ${1:-} in
        --tsan)
            shift
            run_tsan "$@"
            ;;
        --bindings)
            shift
            run_bindings_only "$@"
            ;;
        '')
            run_sanitized
            run_tsan
            run_plain
            run_bindings
            ;;
        *) run_sanitized "$@" ;;
    esac
    if [[ ${#failed_parts[@]} -gt 0 ]]; then say "failed: ${failed_parts[*]}"; fi
    printf '%d passed, %d failed\n' "$tests_passed" "$tests_failed"
    [[ ${#failed_parts[@]} -eq 0 ]]
}
