#!/usr/bin/env python3
"""The broker killed (kill -9) and started again in the middle: what a binding's program of the matrix appends is in the log
once, its stream reads all of it, once and in order, and its receipts name the lines of the log, whose chain holds.

    python3 bindings/kill_test.py MATRIX_PROGRAM [ARGUMENT...]"""

import json
import subprocess
import sys
import threading

from broker import Broker
from log_check import check_receipts

COUNT = 3000
KILLS = (300, 1200, 2100)
DEADLINE_S = 120


def event(number):
    return {"level": "Info", "category": "TestEvent", "type": "Numbered", "sourceId": f"source-{number % 7}",
            "summary": f"event {number}", "snapshot": {"number": number}}  # fmt: skip


def feed(program, reached):
    """Gives events as fast as they are read back, and a few more, so that a kill always comes in the middle."""
    for number in range(COUNT):
        reached.acquire()
        program.stdin.write(json.dumps(event(number)) + "\n")
        program.stdin.flush()
    program.stdin.close()


def main():
    command = sys.argv[1:]
    pipes = {"stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    with Broker() as broker:
        reader = subprocess.Popen([*command, "stream", broker.server, str(COUNT)], **pipes)
        writer = subprocess.Popen([*command, "append", broker.server], stdin=subprocess.PIPE, **pipes)
        receipts = []
        taker = threading.Thread(target=lambda: receipts.extend(json.loads(line) for line in writer.stdout), daemon=True)
        taker.start()
        guard = threading.Timer(DEADLINE_S, lambda: (reader.kill(), writer.kill()))
        guard.start()
        reached = threading.Semaphore(400)
        feeder = threading.Thread(target=feed, args=(writer, reached), daemon=True)
        feeder.start()
        read = 0
        for line in reader.stdout:
            found = json.loads(line)["event"]
            if found["snapshot"] != {"number": read}:
                sys.exit(f"kill_test: in place of event {read}: {line}")
            read += 1
            reached.release()
            if read in KILLS:
                broker.kill()
                broker.start()
        codes = reader.wait(), writer.wait()
        taker.join()
        guard.cancel()
        if codes != (0, 0) or read != COUNT:
            sys.exit(f"kill_test: {read} of {COUNT} events; stream and append ended with {codes}")
        known = check_receipts(broker.log_dir, receipts, COUNT)
    print(f"killed {len(KILLS)} times: {COUNT} events, none lost, none doubled; {known} receipts, each of its line")


if __name__ == "__main__":
    main()
