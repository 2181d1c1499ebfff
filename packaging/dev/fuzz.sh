# shellcheck shell=bash
# ./dev fuzz [SECONDS] [NAME...]: each fuzz target for that long. Seeds are read from tests/fuzz/corpus/NAME; what the
# fuzzer learns stays in build/fuzz/corpus/NAME and is where the next run begins.

# libFuzzer comes in a package named after clang's version.
ensure_libfuzzer() {
    local version
    version=$(clang -dumpversion)
    ensure_packages "libclang-rt-${version%%.*}-dev"
}

# fuzz_target PROGRAM SECONDS: its output goes to build/fuzz/NAME.log.
fuzz_target() {
    local program=$1 seconds=$2 name corpus
    name=$(basename "$program")
    corpus=("build/fuzz/corpus/$name")
    mkdir -p "${corpus[0]}" build/fuzz/findings
    if [[ -d tests/fuzz/corpus/$name ]]; then corpus+=("tests/fuzz/corpus/$name"); fi
    steadily "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/findings/$name-" "${corpus[@]}" >"build/fuzz/$name.log" 2>&1
}

# The number that libFuzzer's closing statistics give for a name.
fuzz_stat() {
    sed -n "s/^stat::$2: *//p" "build/fuzz/$1.log" | tail -n 1
}

fuzz_coverage() {
    grep -o ' cov: [0-9]*' "build/fuzz/$1.log" | tail -n 1 | tr -dc '0-9'
}

print_fuzz_table() {
    local name
    printf '%-24s %12s %9s %7s %8s  %s\n' target runs runs/s edges inputs result
    for name in "$@"; do
        printf '%-24s %12s %9s %7s %8s  %s\n' "$name" "$(fuzz_stat "$name" number_of_executed_units)" \
            "$(fuzz_stat "$name" average_exec_per_sec)" "$(fuzz_coverage "$name")" \
            "$(find "build/fuzz/corpus/$name" -type f | wc -l)" "${fuzz_result[$name]}"
    done
}

# What a failed run left behind: the input to give to the target as its only argument, and the end of its output.
print_finding() {
    local name=$1 input
    tail -n 40 "build/fuzz/$name.log" >&2
    input=$(sed -n 's/.*Test unit written to //p' "build/fuzz/$name.log" | tail -n 1)
    say "$name failed${input:+; to see it again: ${fuzz_program[$name]} $input}"
}

cmd_fuzz() {
    local seconds=300 programs=() program name
    declare -gA fuzz_result=() fuzz_program=()
    if [[ ${1:-} =~ ^[0-9]+$ ]]; then
        seconds=$1
        shift
    fi
    ensure_packages "${packages_build[@]}" "${packages_judge[@]}" clang llvm
    ensure_libfuzzer
    build fuzz
    mapfile -t programs < <(find build/fuzz/tests -type f -name 'fuzz_*' -perm -u+x | sort)
    [[ ${#programs[@]} -gt 0 ]] || die "no fuzz target was built"
    for program in "${programs[@]}"; do
        name=$(basename "$program")
        if [[ $# -gt 0 && " $* " != *" $name "* && " $* " != *" ${name#fuzz_} "* ]]; then continue; fi
        fuzz_program[$name]=$program
    done
    [[ ${#fuzz_program[@]} -gt 0 ]] || die_usage "no such fuzz target: $* (there are ${programs[*]##*/})"
    say "${#fuzz_program[@]} targets, $seconds s each, $jobs_count at once"
    fuzz_all "$seconds"
}

# Runs them side by side, as many at once as there are jobs; a finding in one does not stop the others.
fuzz_all() {
    local seconds=$1 name names status=0
    mapfile -t names < <(printf '%s\n' "${!fuzz_program[@]}" | sort)
    for name in "${names[@]}"; do
        while [[ $(jobs -rp | wc -l) -ge $jobs_count ]]; do wait -n || true; done
        fuzz_result[$name]=FINDING
        rm -f "build/fuzz/$name.clean"
        { fuzz_target "${fuzz_program[$name]}" "$seconds" && touch "build/fuzz/$name.clean"; } &
    done
    wait
    for name in "${names[@]}"; do
        if [[ -f build/fuzz/$name.clean ]]; then fuzz_result[$name]=clean; else status=1; fi
    done
    print_fuzz_table "${names[@]}"
    for name in "${names[@]}"; do
        if [[ ${fuzz_result[$name]} != clean ]]; then print_finding "$name"; fi
    done
    return "$status"
}
