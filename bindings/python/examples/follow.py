"""Follows warnings and errors live: python follow.py [SERVER]"""

import sys

import tocsin

client = tocsin.Client(sys.argv[1] if len(sys.argv) > 1 else None)
with client.subscribe(level="Warning") as live:
    print("following", flush=True)
    for message in live.messages():
        if isinstance(message, tocsin.Record):
            event = message.event
            print(event.time, event.level.word, event.topic, event.type, event.summary, flush=True)
        elif isinstance(message, tocsin.Gap):
            print(f"lost: {message.at_least} or more within {message.first}..{message.last}", flush=True)
