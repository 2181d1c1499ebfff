"""What the log holds, and what comes, with asyncio and a cursor in a file: python replay.py [SERVER [CURSOR_FILE]]"""

import asyncio
import sys

import tocsin


async def main(server: str = "127.0.0.1:5560", cursor_file: str = "replay.cursor") -> None:
    client = tocsin.AsyncClient(server)
    stream = client.stream(start="first", cursor_file=cursor_file, follow=False, on_notice=print)
    async with stream:
        async for record in stream:
            print(record.seq, record.event.topic, record.event.type, record.event.summary)
        print(f"all through {stream.cursor} is handled; the next run goes on behind it")


asyncio.run(main(*sys.argv[1:]))
