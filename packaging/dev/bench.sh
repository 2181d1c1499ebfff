# shellcheck shell=bash
# ./dev bench [NAME...]: every benchmark, or those named, built as for release.

cmd_bench() {
    local programs=() program name ran=0
    ensure_packages "${packages_build[@]}" "${packages_judge[@]}" python3 valgrind
    build bench
    mapfile -t programs < <(find build/bench/tests -type f -name 'bench_*' -perm -u+x | sort)
    for program in "${programs[@]}"; do
        name=$(basename "$program")
        if [[ $# -gt 0 && " $* " != *" $name "* && " $* " != *" ${name#bench_} "* ]]; then continue; fi
        say "$name"
        "$program"
        ran=$((ran + 1))
    done
    [[ $ran -gt 0 ]] || die "no benchmark ran; there are: ${programs[*]##*/}"
}
