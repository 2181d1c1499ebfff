# shellcheck shell=bash
# ./dev run: a broker of its own on this machine, the bundled events through it, shown live. Nothing is installed and
# nothing outside build/ is written. With --once, or without a terminal, it ends when the events have been shown.

run_tocsind=build/run/broker/tocsind
run_tocsin=build/run/client/tocsin
run_log_dir=build/demo-log
run_events=(tests/data/ome-events.log tests/data/opensips-core-events.jsonl)
run_pids=()

is_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# The first base port whose four ports, and the HTTP port that goes with it, nobody listens at.
find_free_base() {
    local base port
    for base in 5560 5570 5580 5590 5600 5610 5620; do
        for port in "$base" $((base + 1)) $((base + 2)) $((base + 3)) $((base + 3000)); do
            if is_taken "$port"; then continue 2; fi
        done
        printf '%s\n' "$base"
        return 0
    done
    return 1
}

# http_status PATH: what the broker answers, "200"; empty while nobody answers. Bash alone, so that it needs no curl.
http_status() {
    local word=''
    {
        exec 3<>"/dev/tcp/127.0.0.1/$run_http_port" || return 0
        printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$1" >&3
        read -r -t 2 _ word _ <&3 || true
        exec 3>&-
    } 2>/dev/null
    printf '%s\n' "$word"
}

start_broker() {
    local tries
    run_base=$(find_free_base) || die "no free ports from 5560 to 5623; are several brokers running here?"
    run_http_port=$((run_base + 3000))
    if [[ $run_base != 5560 ]]; then
        say "the default ports are taken, perhaps by another tocsind; this demo uses $run_base to $((run_base + 3))"
    fi
    mkdir -p "$run_log_dir"
    "$run_tocsind" --log-dir "$run_log_dir" --ingest "tcp://127.0.0.1:$run_base" \
        --append "tcp://127.0.0.1:$((run_base + 1))" --live "tcp://127.0.0.1:$((run_base + 2))" \
        --stream "tcp://127.0.0.1:$((run_base + 3))" --http "127.0.0.1:$run_http_port" --log-level warning &
    run_broker_pid=$!
    run_pids+=("$run_broker_pid")
    for ((tries = 0; tries < 200; tries++)); do
        if [[ $(http_status /readyz) == 200 ]]; then return 0; fi
        kill -0 "$run_broker_pid" 2>/dev/null || die "tocsind did not start (what it said is above)"
        sleep 0.05
    done
    die "tocsind is not ready after 10 s: curl http://127.0.0.1:$run_http_port/readyz"
}

# Stops what was started, the broker last, and waits until it has left a clean log.
stop_demo() {
    local pid index
    for ((index = ${#run_pids[@]} - 1; index >= 0; index--)); do
        pid=${run_pids[index]}
        kill -TERM "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    run_pids=()
}

# Waits until the subscriber says that all its filters are in force, so that it misses nothing.
await_subscriber() {
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        if grep -q 'connected to' build/demo-sub.log; then return 0; fi
        kill -0 "$1" 2>/dev/null || break
        sleep 0.05
    done
    cat build/demo-sub.log >&2
    die "tocsin sub did not connect"
}

# Publishes the bundled events while a subscriber prints them, and returns when it has printed all. For a person they
# come slowly enough to be seen coming.
show_events() {
    local count subscriber rate=()
    count=$(cat "${run_events[@]}" | wc -l)
    if [[ -z $run_once ]]; then rate=(--rate 60); fi
    say "$count real events of OvenMediaEngine and OpenSIPS: 'tocsin pub' publishes them, 'tocsin sub' shows them live"
    : >build/demo-sub.log
    "$run_tocsin" sub -v -s "127.0.0.1:$run_base" -C "$count" -W 15s 2>build/demo-sub.log &
    subscriber=$!
    run_pids+=("$subscriber")
    await_subscriber "$subscriber"
    "$run_tocsin" pub -q -s "127.0.0.1:$run_base" "${rate[@]}" "${run_events[@]/#/--file=}" || die "tocsin pub failed"
    wait "$subscriber" || die "not all events came through: $(cat build/demo-sub.log)"
}

tell_what_next() {
    local server=''
    if [[ $run_base != 5560 ]]; then server=" -s 127.0.0.1:$run_base"; fi
    cat <<TEXT

In another terminal, from $PWD:

  $run_tocsin sub$server StreamEvent            # one category, live
  $run_tocsin sub$server -p Warning -o json     # what is wrong, as JSON
  $run_tocsin pub$server -c StreamEvent -y StreamCreated -i '#default#app/cam' -m 'A camera came'
  $run_tocsin query --dir $run_log_dir -p Error -n 5    # the last errors in the log
  $run_tocsin verify $run_log_dir               # is the log what the broker wrote?
  tail -F $run_log_dir/events.log               # the log itself: a JSON object a line
  curl http://127.0.0.1:$run_http_port/metrics                # counters, for Prometheus

TEXT
}

cmd_run() {
    run_once=''
    [[ -t 0 && -t 1 ]] || run_once=yes
    case "$#:${1:-}" in
        0:) ;;
        1:--once) run_once=yes ;;
        *) die_usage "run takes nothing but --once" ;;
    esac
    ensure_packages "${packages_build[@]}" curl
    build run
    trap stop_demo EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    start_broker
    say "tocsind is ready on 127.0.0.1:$run_base; its audit log is $PWD/$run_log_dir/events.log"
    show_events
    if [[ -n $run_once ]]; then
        say "done; in a terminal, ./dev run keeps the broker running"
        return 0
    fi
    tell_what_next
    say "live from here on; Ctrl-C stops the broker"
    "$run_tocsin" sub -s "127.0.0.1:$run_base" || true
}
