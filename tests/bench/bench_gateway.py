#!/usr/bin/python3
"""Datagrams of OpenSIPS through `tocsin gateway opensips` into a broker's log, at growing rates: what is lost, and where.

    bench_gateway [SECONDS]        (default 5, for each rate)

The messages are those that a running OpenSIPS sent (tests/data/opensips), up to 2 kB each. All on one machine: this
sender, the gateway, the broker and its disk share the processors."""

import os
import shutil
import socket
import sys
import tempfile
import time

sys.path.append("@PROJECT_SOURCE_DIR@/tests/scenario")
sys.path.append("@PROJECT_SOURCE_DIR@/tests/data")
here = os.path.dirname(os.path.realpath(__file__))
os.environ.setdefault("TOCSIND", os.path.join(here, "../../broker/tocsind"))
os.environ.setdefault("TOCSIN", os.path.join(here, "../../client/tocsin"))
import map_opensips  # noqa: E402
import support  # noqa: E402
from support_gateway import Gateway  # noqa: E402

RATES = (5000, 20000, 40000, 0)  # a second; 0: as fast as this sender can
TARGET = 20000
MESSAGE_MAX = 2000


def captured():
    messages = []
    for capture in ("udp", "tcp"):
        messages += [raw for raw, _ in map_opensips.documents(os.path.join(support.DATA_DIR, "opensips", capture))]
    return [raw for raw in messages if len(raw) <= MESSAGE_MAX]


def cpu_s(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def send(target, messages, rate, seconds):
    """Sends for so long, a millisecond's share at a time; how many, and in how many seconds."""
    sent = 0
    begun = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(target)
        while time.monotonic() - begun < seconds:
            due = int((time.monotonic() - begun) * rate) if rate else sent + 256
            while sent < due:
                sender.send(messages[sent % len(messages)])
                sent += 1
            if rate:
                time.sleep(0.001)
    return sent, time.monotonic() - begun


def measure(messages, rate, seconds):
    directory = tempfile.mkdtemp(prefix="tocsin-bench-")
    endpoint = f"tcp://127.0.0.1:{support.free_port()}"
    broker = support.Broker(os.path.join(directory, "log"), "--append", endpoint).start()
    gateway = Gateway("opensips", "--source", "sip-1", "--listen", "udp:127.0.0.1:0", "--append", endpoint)
    try:
        gateway.wait_listening()
        sent, took_s = send(gateway.addresses("udp")[0], messages, rate, seconds)

        def is_done():
            counts = gateway.counts()
            gone = counts["published"] + counts["dropped_full"] + counts["dropped_kernel"]
            return gone + counts["refused_broker"] + counts["refused_event"] + counts["refused_syntax"] >= sent

        support.wait_until(is_done, f"all are accounted for: {sent} sent, {gateway.counts()}")
        used_s = cpu_s(gateway.process)
        memory = gateway.rss_bytes()
        counts = gateway.stop()
    finally:
        gateway.close()
        broker.close()
        shutil.rmtree(directory, ignore_errors=True)
    print(f"{rate or 'as can be':>9} {sent / took_s:>9.0f} {sent:>8} {counts['published']:>9} {counts['dropped_kernel']:>8} "
          f"{counts['dropped_full']:>7} {used_s / sent * 1e6:>8.1f} {memory / 1e6:>7.1f}", flush=True)  # fmt: skip
    return counts["dropped_full"] == 0 and counts["published"] + counts["dropped_kernel"] == sent


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5
    messages = captured()
    mean = sum(map(len, messages)) / len(messages)
    print(f"{len(messages)} messages of {mean:.0f} bytes on average; {seconds:g} s each")
    print("   wanted      sent     sent published   kernel   queue   us cpu    peak")
    print("      a s       a s                     dropped dropped     each      MB")
    results = {rate: measure(messages, rate, seconds) for rate in RATES}
    is_good = results[TARGET]
    print(f"target: nothing lost in the gateway at {TARGET} a second: {'met' if is_good else 'MISSED'}")


if __name__ == "__main__":
    main()
