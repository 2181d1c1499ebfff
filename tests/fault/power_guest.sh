#!/bin/sh
# The first and only process of a guest of fault_power.py: a broker on an ext4 of its own and two producers, whose
# records go out through consoles, so that they outlive the guest. What it needs comes from the kernel's command line.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t ext4 /dev/ubda /mnt || { echo "GUEST no disk"; poweroff -f; }
ip link set lo up

guest_broker() {
    if [ "$LIE" != 0 ]; then
        export LD_PRELOAD="$FAULT_SHIM" TOCSIN_TEST_SYNC_LIE="$LIE"
    fi
    exec "$TOCSIND" --log-dir /mnt/log --name guest --ingest none --live none --stream none --http none \
        --append tcp://127.0.0.1:5561 --sync "$SYNC" --log-level warning
}

# stdin that stays open: the producers go on until the power goes
guest_producer() {
    stty raw <"$2"
    sleep 1000 | "$APPEND_LOAD" "$1" tcp://127.0.0.1:5561 "$3" >"$2"
}

guest_broker &
broker=$!
guest_producer "$FIRST" /dev/tty1 1000 &
guest_producer "$SECOND" /dev/tty2 50 &
wait "$broker"
echo "GUEST the broker ended with $?"
poweroff -f
