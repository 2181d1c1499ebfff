"""Python's program for the matrix of all bindings (bindings/README.md)."""

from __future__ import annotations

import json
import os
import sys
from typing import Union

import tocsin

KEYS = "TOCSIN_CURVE_SERVER_KEY", "TOCSIN_CURVE_PUBLIC_KEY", "TOCSIN_CURVE_SECRET_KEY"


def client_of(server: str) -> tocsin.Client:
    keys = tocsin.Keys(*(os.environ[name] for name in KEYS)) if os.environ.get(KEYS[0]) else None
    return tocsin.Client(server, keys=keys, timeout=30)


def publish(server: str) -> None:
    with client_of(server).publisher(close_timeout=30, send_timeout=30) as publisher:
        for line in sys.stdin:
            publisher.publish(tocsin.Event.from_dict(json.loads(line)))


def append(server: str) -> None:
    producer = os.environ.get("TOCSIN_PRODUCER") or "matrix-python"

    def settled(receipt: tocsin.Receipt) -> None:
        print(json.dumps(receipt._asdict()))

    with client_of(server).appender(producer, close_timeout=30, send_timeout=30, on_settled=settled) as appender:
        for line in sys.stdin:
            appender.submit(tocsin.Event.from_dict(json.loads(line)))


def read(source: Union[tocsin.Subscriber, tocsin.Stream], count: int) -> None:
    while count:
        message = source.next(60)
        if not isinstance(message, tocsin.Record):
            sys.exit(f"not all came: {message}")
        if message.event.category != "BrokerEvent":
            print(json.dumps({"topic": message.topic, "event": message.event.to_dict()}))
            count -= 1


def live(server: str, count: int) -> None:
    with client_of(server).subscribe() as source:
        print("ready", file=sys.stderr, flush=True)
        read(source, count)


def stream(server: str, count: int) -> None:
    with client_of(server).stream(start=1) as source:
        read(source, count)


def main(verb: str, server: str, count: str = "0") -> None:
    if verb in ("publish", "append"):
        {"publish": publish, "append": append}[verb](server)
    else:
        {"live": live, "stream": stream}[verb](server, int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
