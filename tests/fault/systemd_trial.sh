#!/bin/bash
# What fault_systemd.py has a systemd do with our units, inside the guest. A line "CHECK<TAB>what<TAB>ok|FAILED<TAB>figures"
# each; what is asked is always asked of systemd, the journal or the programs, as a person would.
unit_dir=$(dirname "$(systemctl show -p FragmentPath --value tocsind)")
etc=$(sed -n 's/^ExecStart=.* -c \(.*\)\/tocsind.yaml$/\1/p' "$unit_dir/tocsind.service")
examples=$(dirname "$(find /usr/local/share/doc/tocsin/examples /usr/share/doc/tocsin/examples -name alerts.yaml 2>/dev/null | head -n 1)")
data=$(dirname "$0")/../data

# check WHAT COMMAND...: what it prints are the figures.
check() {
    local what=$1 said
    shift
    if said=$("$@" 2>&1); then
        printf 'CHECK\t%s\tok\t%s\n' "$what" "$(tail -n 1 <<<"$said")"
    else
        printf 'CHECK\t%s\tFAILED\t%s\n' "$what" "$(tr '\n\t' '| ' <<<"$said")"
    fi
}

# soon COMMAND...: true within 20 s.
soon() {
    local end=$((SECONDS + 20))
    while ((SECONDS < end)); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    "$@"
}

property() { systemctl show -p "$2" --value "$1"; }
is() { [[ $(property "$1" "$2") == "$3" ]] || { systemctl show -p "$2" "$1"; return 1; }; }
journal_of() { journalctl --sync; journalctl -u "$1" -o cat --no-pager "${@:2}"; }
in_journal() { journal_of "$1" | grep -F "$2"; }
count_in_log() { grep -c -F "$1" /var/log/tocsin/events.log; }
has_events() { [[ $(count_in_log "$1") == "$2" ]] || { echo "$(count_in_log "$1") and not $2"; return 1; }; }

user_is_made() { systemd-sysusers && getent passwd tocsin; }

starts() { systemctl start "$1" && is "$1" ActiveState active && is "$1" NRestarts 0 && echo active; }

# Asked at once: systemctl start has returned, so every door is open.
is_ready_at_once() { tocsin info && journal_of tocsind | grep -o 'is ready:'; }

is_confined() {
    local status
    status=/proc/$(property tocsind MainPID)/status
    [[ $(property tocsind User) == tocsin && $(ps -o user= -p "$(property tocsind MainPID)") == tocsin ]] || return 1
    grep -qE '^CapEff:[[:space:]]*0+$' "$status" && grep -qE '^NoNewPrivs:[[:space:]]*1$' "$status" &&
        grep -qE '^Seccomp:[[:space:]]*2$' "$status" && grep 'open files' "/proc/$(property tocsind MainPID)/limits"
}

log_is_private() { [[ $(stat -c '%U:%G %a' /var/log/tocsin) == 'tocsin:tocsin 750' ]] && stat -c '%U %a %n' /var/log/tocsin/events.log; }

# shellcheck disable=SC2016
events_go_through() {
    tocsin sub -v -C 1 StreamEvent >/tmp/sub 2>/tmp/sub.said &
    soon grep -q 'connected' /tmp/sub.said || return 1
    tocsin pub -q -c StreamEvent -y StreamCreated -i cam -m hello && wait $! && grep hello /tmp/sub &&
        tocsin query StreamEvent | grep hello
}

reloads() {
    local pid
    pid=$(property tocsind MainPID)
    systemctl reload tocsind && soon in_journal tocsind SIGHUP && is tocsind MainPID "$pid" && journal_of tocsind | grep SIGHUP
}

comes_back_after_kill() {
    kill -KILL "$(property tocsind MainPID)"
    soon is tocsind NRestarts 1 && soon is tocsind ActiveState active && soon tocsin info && has_events hello 1 &&
        has_events BrokerStarted 2 && echo "NRestarts=1, the log goes on"
}

stops() {
    local begin=$EPOCHREALTIME
    systemctl stop "$1"
    [[ $(systemctl show -p Result,ExecMainStatus,ActiveState --value "$1" | xargs) == 'success 0 inactive' ]] ||
        { systemctl status --no-pager "$1"; return 1; }
    awk "BEGIN {printf \"status 0, %.1f s\n\", $EPOCHREALTIME - $begin}"
}

log_is_intact() { tocsin verify --pubkey /var/log/tocsin/tocsind.key.pub /var/log/tocsin; }

wrong_settings_are_told() {
    cp "$etc/tocsind.yaml" /tmp/tocsind.yaml
    echo 'sync: never' >"$etc/tocsind.yaml"
    if systemctl start tocsind; then
        echo "systemctl start succeeded"
        return 1
    fi
    cp /tmp/tocsind.yaml "$etc/tocsind.yaml"
    is tocsind ExecMainStatus 2 && is tocsind NRestarts 0 && journal_of tocsind -p err | grep 'sync: "never"'
}

levels_are_right() {
    ! journal_of tocsind -p err | grep -v 'sync: "never"' && journal_of tocsind -p info | grep -c 'is ready'
}

can_connect() { timeout 3 bash -c ': </dev/tcp/192.0.2.1/8560'; }
only_this_machine() {
    ip link set lo up && ip address add 192.0.2.1/32 dev lo || return 1
    mkdir -p /run/systemd/system/tocsind.service.d
    printf '[Service]\nEnvironment=TOCSIN_HTTP=0.0.0.0:8560\n' >/run/systemd/system/tocsind.service.d/http.conf
    systemctl daemon-reload && systemctl restart tocsind && soon tocsin info || return 1
    if can_connect; then
        echo "192.0.2.1 was let in"
        return 1
    fi
    printf '[Service]\nIPAddressAllow=192.0.2.0/24\n' >/run/systemd/system/tocsind.service.d/open.conf
    systemctl daemon-reload && systemctl restart tocsind && soon can_connect && echo "192.0.2.1 is kept out, and let in by IPAddressAllow="
}

opensips_comes_in() {
    local got
    got=$(printf 'OPTIONS=opensips --source sip-1 --listen udp:127.0.0.1:5570 --spool /var/lib/tocsin-gateway-sip-1/spool\n' \
        >"$etc/gateway-sip-1.conf" && starts tocsin-gateway@sip-1) || { echo "$got"; return 1; }
    soon in_journal tocsin-gateway@sip-1 'listening at' || return 1
    printf '{"jsonrpc":"2.0","method":"E_CORE_LOG","params":{"level":"NOTICE","message":"one"}}' >/dev/udp/127.0.0.1/5570
    soon has_events '"sourceId":"sip-1"' 1 && echo "1 event"
}

# The broker is away: what comes stays on the gateway's disk, over the gateway's own restart.
spool_outlives() {
    systemctl stop tocsind || return 1
    printf '{"jsonrpc":"2.0","method":"E_CORE_LOG","params":{"level":"NOTICE","message":"two"}}' >/dev/udp/127.0.0.1/5570
    sleep 1 # nobody tells when a datagram has been read
    kill -KILL "$(property tocsin-gateway@sip-1 MainPID)"
    soon is tocsin-gateway@sip-1 NRestarts 1 && soon is tocsin-gateway@sip-1 ActiveState active && systemctl start tocsind || return 1
    soon has_events '"sourceId":"sip-1"' 2 && echo "2 events, one over kill -9 without a broker"
}

json_comes_in() {
    printf 'OPTIONS=json --listen tcp:127.0.0.1:5572 --listen unix:/run/tocsin-gateway-app/socket\n' >"$etc/gateway-app.conf"
    starts tocsin-gateway@app && soon in_journal tocsin-gateway@app 'listening at unix:' || return 1
    echo '{"level":"Info","category":"AppEvent","type":"Began","sourceId":"app-1","summary":"hello"}' >/dev/tcp/127.0.0.1/5572
    soon has_events '"sourceId":"app-1"' 1 && stat -c '%F %U:%G %a' /run/tocsin-gateway-app/socket
}

ome_once_each() {
    install -d -m 755 /var/log/ovenmediaengine
    head -n 5 "$data/ome-events.log" >/var/log/ovenmediaengine/events.log
    printf 'OPTIONS=ome --dir /var/log/ovenmediaengine --state /var/lib/tocsin-gateway-ome/state\n' >"$etc/gateway-ome.conf"
    starts tocsin-gateway@ome && soon has_events '"producer":"ome' 5 || return 1
    systemctl restart tocsin-gateway@ome && sed -n 6,8p "$data/ome-events.log" >>/var/log/ovenmediaengine/events.log
    soon has_events '"producer":"ome' 8 && echo "8 lines once each over a restart"
}

wrong_options_are_told() {
    echo 'OPTIONS=ome --sauce x' >"$etc/gateway-bad.conf"
    systemctl start tocsin-gateway@bad
    soon is tocsin-gateway@bad ActiveState failed && is tocsin-gateway@bad ExecMainStatus 2 && is tocsin-gateway@bad NRestarts 0 &&
        journal_of tocsin-gateway@bad | grep sauce
}

alert_runs() {
    cp "$examples/alerts.yaml" "$etc/alerts.yaml"
    starts tocsin-alert && soon test -e /var/lib/tocsin-alert/state && systemctl reload tocsin-alert &&
        stat -c '%U %a' /var/lib/tocsin-alert && is tocsin-alert NRestarts 0 && is tocsin-alert ActiveState active && echo "reloaded"
}

# As docs/logger.md has it, but into the journal.
journal_has_fields() {
    cat >/run/systemd/system/tocsin-log.service <<UNIT
[Service]
DynamicUser=yes
StateDirectory=tocsin-log
ExecStart=$(command -v tocsin) log --to journald --all --cursor /var/lib/tocsin-log/journal
Restart=on-failure
UNIT
    systemctl daemon-reload && starts tocsin-log || return 1
    soon journal_has_event && journalctl --no-pager -o json TOCSIN_TYPE=StreamCreated TOCSIN_SOURCE=cam | grep -o '"MESSAGE":"hello"' &&
        journalctl --no-pager -o json TOCSIN_SOURCE=cam | grep -o '"PRIORITY":"6"' && systemctl restart tocsin-log && stops tocsin-log &&
        [[ $(journalctl --no-pager -o cat TOCSIN_SOURCE=cam | grep -c hello) == 1 ]]
}
journal_has_event() { journalctl --sync; journalctl --no-pager -o cat TOCSIN_TYPE=StreamCreated TOCSIN_SOURCE=cam | grep -q hello; }

unit_is_sound() {
    local said
    said=$(systemd-analyze verify "$1.service" 2>&1)
    [[ -z $said ]] || { echo "$said"; return 1; }
    systemd-analyze security --no-pager --threshold=20 "$1.service" | tail -n 1
}

check 'user' user_is_made
check 'start' starts tocsind
check 'ready at once' is_ready_at_once
check 'confined' is_confined
check 'log' log_is_private
check 'pub, sub, query' events_go_through
check 'reload' reloads
check 'kill -9' comes_back_after_kill
check 'stop' stops tocsind
check 'log is intact' log_is_intact
check 'wrong settings' wrong_settings_are_told
check 'levels' levels_are_right
check 'this machine only' only_this_machine
check 'gateway opensips' opensips_comes_in
check 'gateway, broker away' spool_outlives
check 'gateway json' json_comes_in
check 'gateway ome' ome_once_each
check 'gateway, wrong options' wrong_options_are_told
check 'alert' alert_runs
check 'journald' journal_has_fields
for unit in tocsin-gateway@sip-1 tocsin-gateway@app tocsin-gateway@ome tocsin-alert tocsind; do check "stop $unit" stops "$unit"; done
for unit in tocsind tocsin-gateway@sip-1 tocsin-alert; do check "analyze $unit" unit_is_sound "$unit"; done
printf 'CHECK\tend\tok\t%s s of the guest\n' "$(cut -d ' ' -f 1 /proc/uptime)"
