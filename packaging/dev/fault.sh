# shellcheck shell=bash
# ./dev fault [NAME...]: every fault test in its full form, or those named: the C programs fault_* of build/bench and the
# Python files tests/fault/fault_*.py. Each prints lines "RESULT<TAB>name<TAB>verdict<TAB>figures"; they make the table.

fault_programs() {
    find build/bench/tests/fault -type f -name 'fault_*' -perm -u+x
    find tests/fault -name 'fault_*.py'
}

run_fault() {
    case $1 in
        *.py) python3 -B "$1" ;;
        *) "$1" ;;
    esac
}

cmd_fault() {
    local program name results=build/fault.results ran=0 failed=0
    ensure_packages "${packages_build[@]}" "${packages_judge[@]}" python3 python3-zmq python3-msgpack \
        iproute2 nftables e2fsprogs
    # only where Debian has it: i386 and amd64
    if is_available user-mode-linux; then ensure_packages user-mode-linux systemd procps kmod; fi
    build bench
    export TOCSIN_FAULT_FULL=1 TOCSIND=$PWD/build/bench/broker/tocsind TOCSIN=$PWD/build/bench/client/tocsin
    export FAULT_SHIM=$PWD/build/bench/tests/scenario/libfault_shim.so APPEND_LOAD=$PWD/build/bench/tests/fault/append_load
    export APPEND_DRIVER=$PWD/build/bench/tests/scenario/append_driver
    : >"$results"
    while IFS= read -r program; do
        name=$(basename "$program" .py)
        if [[ $# -gt 0 && " $* " != *" $name "* && " $* " != *" ${name#fault_} "* ]]; then continue; fi
        say "$name"
        run_fault "$program" </dev/null | tee -a "$results" || failed=$((failed + ($? != 77)))
        ran=$((ran + 1))
    done < <(fault_programs | sort)
    [[ $ran -gt 0 ]] || die "no such fault test; there are: $(fault_programs | xargs -n 1 basename -s .py | sort | xargs)"
    printf '\n'
    grep -a '^RESULT' "$results" | cut -f 2- | awk -F '\t' '{printf "%-34s %-8s %s\n", $1, $2, $3}'
    [[ $failed -eq 0 ]] || die "$failed fault tests failed"
}
