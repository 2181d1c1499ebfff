"""Appends events, each of which is on the broker's disk when it is acknowledged: python append.py [SERVER]"""

import sys

import tocsin
from tocsin import catalog

client = tocsin.Client(sys.argv[1] if len(sys.argv) > 1 else None)
with client.appender("billing-1") as appender:
    receipt = appender.append(
        tocsin.Event("Info", "AppEvent", "InvoiceSent", "billing-1", "Invoice 17 sent", snapshot={"cents": 1990})
    )
    print(f"event {receipt.n} of billing-1 is record {receipt.seq} of the log, its hash {receipt.hash}")

    for used in range(80, 90):  # any number, without waiting for each
        appender.submit(
            catalog.core_shm_threshold(
                "sip-1", f"{used} % used", usage_percent=used, threshold_percent=80, used_bytes=used, size_bytes=100
            )
        )
    print(f"{appender.flush().n} events are durable")
