# shellcheck shell=bash
# ./dev bench [NAME...]: every benchmark, or those named, built as for release. ./dev bench --check: only whether an event
# still costs no more instructions than tests/bench/budget.txt allows.

# Of each binding beside the bare ZeroMQ library of its language; one whose toolchain is missing says so itself.
run_binding_benches() {
    local script name
    for script in bindings/*/bench.sh; do
        name=bindings_$(basename "$(dirname "$script")")
        if [[ ! -f $script || ($# -gt 0 && " $* " != *" $name "*) ]]; then continue; fi
        say "$name"
        TOCSIN_BUILD_DIR=$PWD/build/bench bash "$script"
        ran=$((ran + 1))
    done
}

plot_peers() {
    gnuplot -e "rows='build/bench/peers.tsv'; picture='build/bench/peers.svg'" tests/bench/peers.gp
    say "build/bench/peers.svg shows events of 350 bytes"
}

cmd_bench() {
    local programs=() program name ran=0
    ensure_packages "${packages_build[@]}" "${packages_judge[@]}" python3 python3-venv valgrind
    if [[ $# -eq 0 || " $* " == *peers* ]]; then ensure_packages "${packages_peers[@]}"; fi
    build bench
    if [[ ${1:-} == --check ]]; then
        build/bench/tests/bench/bench_instructions --check
        return
    fi
    mapfile -t programs < <(find build/bench/tests -type f -name 'bench_*' -perm -u+x | sort)
    for program in "${programs[@]}"; do
        name=$(basename "$program")
        if [[ $# -gt 0 && " $* " != *" $name "* && " $* " != *" ${name#bench_} "* ]]; then continue; fi
        say "$name"
        if [[ $name == bench_peers ]]; then
            "$program" -o build/bench/peers.tsv
            plot_peers
        else
            "$program"
        fi
        ran=$((ran + 1))
    done
    run_binding_benches "$@"
    [[ $ran -gt 0 ]] || die "no benchmark ran; there are: ${programs[*]##*/} and bindings_LANGUAGE"
}
