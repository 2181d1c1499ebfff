# shellcheck shell=bash
# ./dev bench [NAME...]: every benchmark, or those named, built as for release; ./dev bench --help says the rest. What each
# prints is kept in build/bench/results/NAME.txt, its rows, if it has any, in NAME.tsv: docs/performance.md is made of them.

bench_results=build/bench/results

# Those of which docs/performance.md is made, in its order.
bench_docs=(peers loads latency append append_peers growth memory path stream instructions)
# On a quiet machine none takes a third of it.
bench_longest_s=1500

bench_usage() {
    cat <<'TEXT'
usage: ./dev bench [NAME...]      every benchmark, or those named; each tells what it measures above its table
       ./dev bench docs           those of which docs/performance.md is made, and writes their tables into it
       ./dev bench report         writes the tables that are at hand into docs/performance.md, and measures nothing
       ./dev bench --check        whether an event costs no more instructions than tests/bench/budget.txt allows (+5 %)
       ./dev bench --list         the names

On 2 quiet cores: all of them 50 minutes, `docs` 25, --check 2; none may take more than 25. A figure that was measured while
something else ran says little. NAME is that of a program, tests/bench/bench_NAME.c, and stands for those too that begin with
NAME_ (append: append, append_peers), or one of these:

  peers           one producer, one consumer, 350 bytes, beside zmq_proxy, NATS, Redis, mosquitto, RabbitMQ; a plot
  loads           the same peers: 150 bytes, 4 KB, 16 and 10,000 topics, fan-in and fan-out of 100, 1,000 filters
  bindings_NAME   of a binding, beside the bare ZeroMQ library of its language

The servers come from Debian's packages, which are installed; each is started for its rows, on loopback, with a directory
of its own, and is gone afterwards. What is printed is kept in build/bench/results/.
TEXT
}

# Every name, in the order in which they run: those for the documentation first.
bench_names() {
    local name script
    printf '%s\n' "${bench_docs[@]}"
    find build/bench/tests -type f -name 'bench_*' -perm -u+x -printf '%f\n' | sort | sed 's/^bench_//' |
        while IFS= read -r name; do
            if [[ " ${bench_docs[*]} " != *" $name "* && $name != peers ]]; then printf '%s\n' "$name"; fi
        done
    for script in bindings/*/bench.sh; do
        name=$(basename "$(dirname "$script")")
        printf 'bindings_%s\n' "$name"
    done
}

# bench_is_wanted NAME [WANTED...]
bench_is_wanted() {
    local name=$1 wanted
    shift
    if [[ $# -eq 0 ]]; then return; fi
    for wanted in "$@"; do
        wanted=${wanted#bench_}
        if [[ $name == "$wanted" || $name == "$wanted"_* ]]; then return; fi
    done
    return 1
}

# bench_command NAME: puts its command into bench_words.
bench_command() {
    local name=$1 programs=build/bench/tests/bench rows=$bench_results/$1.tsv
    case $name in
        peers) bench_words=("$programs/bench_peers" -w '350 bytes' -r 3 -s 2 -o "$rows") ;;
        loads) bench_words=("$programs/bench_peers" -x '350 bytes' -s 1 -o "$rows") ;;
        latency | append_peers | growth) bench_words=("$programs/bench_$name" -o "$rows") ;;
        append) bench_words=("$programs/bench_append" 4 "$rows") ;;
        bindings_*) bench_words=(env "TOCSIN_BUILD_DIR=$PWD/build/bench" bash "bindings/${name#bindings_}/bench.sh") ;;
        *) bench_words=("$(find build/bench/tests -type f -name "bench_$name" -perm -u+x)") ;;
    esac
}

# What was found on another day stays until this has something in its place.
bench_run() {
    local name=$1 began=$SECONDS
    bench_command "$name"
    say "$name"
    mkdir -p "$bench_results"
    if timeout --foreground -k 10 "$bench_longest_s" "${bench_words[@]}" | tee "$bench_results/$name.new"; then
        mv "$bench_results/$name.new" "$bench_results/$name.txt"
    else
        bench_failed+=("$name")
    fi
    say "$name took $((SECONDS - began)) s"
    if [[ $name == peers && -f $bench_results/peers.tsv ]]; then plot_peers; fi
}

plot_peers() {
    if ! command -v gnuplot >/dev/null; then return; fi
    gnuplot -e "rows='$bench_results/peers.tsv'; picture='$bench_results/peers.svg'" tests/bench/peers.gp
    say "$bench_results/peers.svg shows events of 350 bytes"
}

bench_report() {
    python3 tests/bench/report.py "$bench_results" docs/performance.md
    say "the tables of docs/performance.md are those of $bench_results"
}

cmd_bench() {
    local names wanted=() name with_report=false
    bench_failed=()
    case ${1:-} in
        -h | --help)
            bench_usage
            return
            ;;
        report)
            bench_report
            return
            ;;
        docs)
            with_report=true
            wanted=("${bench_docs[@]}")
            ;;
        --check | --list) ;;
        *) wanted=("$@") ;;
    esac
    ensure_packages "${packages_build[@]}" "${packages_judge[@]}" python3 python3-venv valgrind
    for name in peers loads latency append_peers; do
        if [[ ${1:-} != --* ]] && bench_is_wanted "$name" "${wanted[@]}"; then ensure_packages "${packages_peers[@]}"; fi
    done
    build bench
    mapfile -t names < <(bench_names)
    case ${1:-} in
        --list)
            printf '%s\n' "${names[@]}"
            return
            ;;
        --check)
            build/bench/tests/bench/bench_instructions --check
            return
            ;;
    esac
    local ran=0
    for name in "${names[@]}"; do
        if ! bench_is_wanted "$name" "${wanted[@]}"; then continue; fi
        bench_run "$name"
        ran=$((ran + 1))
    done
    [[ $ran -gt 0 ]] || die "no benchmark ran; there are: ${names[*]}"
    if [[ $with_report == true ]]; then bench_report; fi
    [[ ${#bench_failed[@]} -eq 0 ]] || die "failed: ${bench_failed[*]}"
}
