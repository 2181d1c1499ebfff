"""Python's own logging as events: python log_records.py [SERVER]"""

import logging
import sys

import tocsin
from tocsin.logs import TocsinHandler

client = tocsin.Client(sys.argv[1] if len(sys.argv) > 1 else None)
with client.publisher() as publisher:
    logging.getLogger().addHandler(TocsinHandler(publisher, source_id="billing-1"))
    logging.getLogger("billing.mail").warning("the queue is %d long", 120)
