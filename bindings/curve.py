#!/usr/bin/env python3
"""CURVE: a binding's program of the matrix against a broker that encrypts, with a key that the broker knows, and with one
that it does not know.

    python3 bindings/curve.py MATRIX_PROGRAM [ARGUMENT...]

TOCSIN_CONNECT_TIMEOUT_MS asks the program for another patience where it is not told at once that it is not let in."""

import json
import os
import subprocess
import sys
import tempfile

from broker import Broker, build_dir

EVERYTHING = {"publish": ["*"], "producers": ["*"], "live": True, "read": [""]}
EVENTS = [{"level": "Info", "category": "TestEvent", "type": "Numbered", "sourceId": f"source-{i % 7}",
           "summary": "x" * (i % 300), "time": "2026-11-21T09:30:00Z", "snapshot": i} for i in range(1000)]  # fmt: skip
DEADLINE_S = 60


def make_keys(folder, name):
    """(public, secret), and NAME.key and NAME.key_secret."""
    path = os.path.join(folder, name)
    subprocess.run([os.path.join(build_dir(), "client", "tocsin"), "keygen", "-q", path], check=True, stdout=subprocess.DEVNULL)
    with open(path + ".key_secret", encoding="utf-8") as file:
        texts = [line.split('"')[1] for line in file if "-key" in line and "=" in line]
    return texts


def environment(server_key, public, secret):
    return {**os.environ, "TOCSIN_CURVE_SERVER_KEY": server_key, "TOCSIN_CURVE_PUBLIC_KEY": public,
            "TOCSIN_CURVE_SECRET_KEY": secret}  # fmt: skip


def run(command, arguments, env, text=""):
    return subprocess.run([*command, *arguments], env=env, input=text, capture_output=True, encoding="utf-8",
                          timeout=DEADLINE_S, check=False)  # fmt: skip


def expect(condition, what, done):
    if not condition:
        sys.exit(f"curve: {what}: exit code {done.returncode}\n{done.stderr}")


def check(command, server, server_key, known, unknown):
    env = environment(server_key, *known)
    lines = "".join(json.dumps(event) + "\n" for event in EVENTS)
    live = subprocess.Popen([*command, "live", server, str(2 * len(EVENTS))], env=env, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, encoding="utf-8")  # fmt: skip
    said = []
    while not said or said[-1] not in ("ready\n", ""):  # behind what a runtime may have to say
        said.append(live.stderr.readline())
    if said[-1] == "":
        sys.exit("curve: live is not ready: " + "".join(said))
    for verb in ("publish", "append"):
        done = run(command, [verb, server], env, lines)
        expect(done.returncode == 0, verb, done)
    done = run(command, ["stream", server, str(2 * len(EVENTS))], env)
    out, _ = live.communicate(timeout=DEADLINE_S)
    for name, text in (("stream", done.stdout), ("live", out)):
        found = [json.loads(line)["event"] for line in text.splitlines()]
        expect(found == EVENTS + EVENTS, f"{name}: {len(found)} events, or not the same", done)
    for verb in ("publish", "append", "stream"):
        env = {**environment(server_key, *unknown), "TOCSIN_CONNECT_TIMEOUT_MS": "1000"}
        done = run(command, [verb, server, "1"], env, lines)
        expect(done.returncode != 0 and done.stderr, f"{verb} with a key that is not known", done)
    return done.stderr.strip()


def main():
    with tempfile.TemporaryDirectory(prefix="tocsin-curve-") as folder:
        keys = {name: make_keys(folder, name) for name in ("broker", "known", "unknown")}
        access = os.path.join(folder, "access.yaml")
        with open(access, "w", encoding="utf-8") as file:
            json.dump({"keys": [{"name": "known", "public": keys["known"][0], **EVERYTHING}]}, file)
        flags = ["--curve-key", os.path.join(folder, "broker.key_secret"), "--access", access]
        with Broker(flags=flags) as broker:
            said = check(sys.argv[1:], broker.server, keys["broker"][0], keys["known"], keys["unknown"])
    print(f"CURVE: {2 * len(EVENTS)} events; a key that is not known: {said}")


if __name__ == "__main__":
    main()
