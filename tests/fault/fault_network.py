"""A broker and its clients in network namespaces of their own: the link cut, 10 % of the packets lost, the broker killed
in the middle, a subscriber stopped. Producers and streams lose and double nothing; live subscribers know what they lost.

Nothing of the host's network is touched. Needs root, ip and nft."""

import os
import shutil
import signal
import subprocess
import sys
import time

import harness

ROUNDS = 6 if harness.IS_FULL else 1
LONGEST_CUT_S = 8 if harness.IS_FULL else 1  # clients give a session up after 5 s of silence
LOSS_S, STOP_S = (6, 6) if harness.IS_FULL else (2, 2)
LIVE_HWM = "20"  # so that a subscriber that is stopped loses something
BROKER_IP, CLIENT_IP = "10.79.0.1", "10.79.0.2"
NFT_LOSS = """table inet fault {
  chain incoming { type filter hook input priority 0; numgen random mod 10 < 1 counter drop; }
  chain outgoing { type filter hook output priority 0; numgen random mod 10 < 1 counter drop; }
}
"""


def run(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, text=True, **options).stdout


class Network(harness.Broken):
    """Two namespaces and the link between them."""

    def __init__(self, *flags):
        super().__init__(*flags, host=BROKER_IP)
        self.inside, self.outside = (f"tocsin-{os.getpid()}-{side}" for side in ("broker", "clients"))
        self.options["wrapper"] = ("ip", "netns", "exec", self.inside)
        self.clients = ("ip", "netns", "exec", self.outside)

    def __enter__(self):
        try:
            run("ip", "netns", "add", self.inside)
            run("ip", "netns", "add", self.outside)
            run("ip", "-n", self.inside, "link", "add", "link0", "type", "veth", "peer", "link0", "netns", self.outside)
            for name, address in ((self.inside, BROKER_IP), (self.outside, CLIENT_IP)):
                run("ip", "-n", name, "address", "add", f"{address}/30", "dev", "link0")
                run("ip", "-n", name, "link", "set", "lo", "up")
                run("ip", "-n", name, "link", "set", "link0", "up")
        except subprocess.CalledProcessError as error:
            self.__exit__()
            harness.skip("network", f"no network namespaces here: {error.stderr.strip()}")
        return self

    def __exit__(self, *_):
        super().__exit__()
        for name in (self.inside, self.outside):
            subprocess.run(("ip", "netns", "del", name), stderr=subprocess.DEVNULL, check=False)

    def set_link(self, state):
        run("ip", "-n", self.inside, "link", "set", "link0", state)

    def lose_packets(self):
        run(*self.clients, "nft", "-f", "-", input=NFT_LOSS)

    def lose_none(self):
        """Returns how many packets were lost."""
        rules = run(*self.clients, "nft", "list", "table", "inet", "fault").split()
        run(*self.clients, "nft", "delete", "table", "inet", "fault")
        return sum(int(rules[at + 1]) for at, word in enumerate(rules) if word == "packets")

    def restart(self):
        self.broker.kill()
        self.start()

    def await_progress(self):
        self.await_acked(self.last_acked() + 500, deadline_s=120)


def cut(network, chance, counts):
    network.set_link("down")
    time.sleep(chance.uniform(0.2, LONGEST_CUT_S))
    network.set_link("up")
    counts["cuts"] += 1
    network.await_progress()


def cut_and_restart(network, chance, counts):
    network.set_link("down")
    time.sleep(chance.uniform(0, 1))
    network.restart()
    time.sleep(chance.uniform(0, LONGEST_CUT_S / 2))
    network.set_link("up")
    counts["cuts"] += 1
    counts["restarts"] += 1
    network.await_progress()


def lose(network, chance, counts):
    network.lose_packets()
    time.sleep(chance.uniform(LOSS_S / 2, LOSS_S))
    network.await_progress()
    counts["packets"] += network.lose_none()
    network.await_progress()


def lose_and_restart(network, chance, counts):
    network.lose_packets()
    time.sleep(chance.uniform(0, LOSS_S / 2))
    network.restart()
    counts["restarts"] += 1
    network.await_progress()
    counts["packets"] += network.lose_none()


def stop_subscribers(network, _, counts):
    stopped = [network.watchers[name] for name in ("live", "stream")]
    for process in stopped:
        process.send_signal(signal.SIGSTOP)
    time.sleep(STOP_S)
    network.await_progress()
    for process in stopped:
        process.send_signal(signal.SIGCONT)
    counts["stops"] += 1
    network.await_progress()


def main():
    if os.geteuid() != 0:
        harness.skip("network", "needs root")
    for tool in ("ip", "nft"):
        if not shutil.which(tool):
            harness.skip("network", f"needs {tool}")
    chance = harness.seed()
    watch = harness.Stopwatch()
    counts = {"cuts": 0, "restarts": 0, "packets": 0, "stops": 0}
    with Network("--live-hwm", LIVE_HWM) as network:
        network.start()
        for name, verb, *prefixes in (("live", "live"), ("live-shared", "live", "LoadEvent/shared"), ("stream", "stream"),
                                      ("stream-b", "stream", "LoadEvent/b")):  # fmt: skip
            network.add_watcher(name, verb, *prefixes, wrapper=network.clients)
        network.await_watchers()
        for name, window in (("a", 8), ("b", 64), ("c", 16)):
            network.add_producer(name, window, wrapper=network.clients)
        network.await_progress()
        for _ in range(ROUNDS):
            faults = [cut, cut_and_restart, lose, lose_and_restart, stop_subscribers]
            chance.shuffle(faults)
            for fault in faults:
                fault(network, chance, counts)
        network.stop_producers()
        network.stop_watchers()
        network.broker.stop()
        loaded_s = watch.s
        judge = network.checker()
        verdict = judge.check()
    readers = {reader.name: reader for reader in judge.readers}
    live = readers["live"]
    is_good = verdict.is_sound and all(reader.count for reader in judge.readers)
    # the loss that is counted must be there, or the count would prove nothing
    is_good = is_good and live.missed > 0 and counts["packets"] > 0
    print(verdict)
    found = verdict.faults
    return not harness.result(
        "network", is_good,
        f"{counts['cuts']} cuts, {counts['restarts']} restarts, {counts['packets']} packets dropped, {counts['stops']} stops: "
        f"{verdict.counts['acknowledged']} acknowledged, {found['lost']} lost, {found['double']} doubles; streams "
        f"{verdict.counts['replayed']} records, {found['replay']} faults; live lost {live.missed}, counted {live.counted}; "
        f"{loaded_s:.0f} s",
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
