"""The blocking handles against a real broker."""

import json
import logging
import os
import signal
import subprocess
import threading

import pytest
from broker import Broker, build_dir
from conftest import DEADLINE, event, is_connected_to, numbers, own, wait_until

import tocsin
from tocsin.logs import TocsinHandler


def test_the_first_event_published_is_not_lost(client):
    with client.publisher() as publisher:
        publisher.publish(event(1))
    wait_until(lambda: client.latest(filters=["TestEvent"]), "the event")
    (record,) = client.latest(filters=["TestEvent/source-1"])
    assert record.event.snapshot == {"number": 1}
    assert record.event.time is not None  # the broker's


def test_published_events_arrive_live_in_order_and_equal(client):
    with client.subscribe(filters=["TestEvent"]) as subscriber, client.publisher() as publisher:
        sent = [event(number, time="2026-11-21T09:30:00.125+09:00", cause="C") for number in range(5000)]
        for each in sent:
            publisher.publish(each)
        received = [next(subscriber) for _ in sent]
        assert [record.event for record in received] == sent
        assert [record.seq for record in received] == list(range(received[0].seq, received[0].seq + len(sent)))


def test_a_publisher_without_collecting_sends_each_at_once(client):
    with client.subscribe(filters=["TestEvent"]) as subscriber, client.publisher(collects=False) as publisher:
        for number in range(100):
            publisher.publish(event(number))
        assert numbers(next(subscriber) for _ in range(100)) == list(range(100))


def test_several_threads_publish_at_once(client):
    with client.subscribe(filters=["TestEvent"]) as subscriber, client.publisher() as publisher:

        def run(begin):
            for number in range(begin, begin + 500):
                publisher.publish(event(number))

        threads = [threading.Thread(target=run, args=(begin,)) for begin in range(0, 2000, 500)]
        for thread in threads:
            thread.start()
        assert sorted(numbers(next(subscriber) for _ in range(2000))) == list(range(2000))
        for thread in threads:
            thread.join()


def test_no_broker_is_an_error_that_tells_where():
    client = tocsin.Client("127.0.0.1:1", timeout=0.2)
    opens = (client.publisher, lambda: client.appender("p"), client.subscribe, client.stream, client.info, client.latest)
    for door, open_handle in zip((1, 2, 3, 4, 4, 4), opens):
        with pytest.raises(tocsin.Unreachable, match=f"tcp://127.0.0.1:{door}:"):
            open_handle()


def test_a_publisher_holds_events_while_the_broker_is_away(client, broker):
    with client.publisher(close_timeout=DEADLINE) as publisher:
        publisher.publish(event(0))
        publisher.flush()
        wait_until(lambda: client.latest(filters=["TestEvent"]), "the first event")
        broker.stop()
        wait_until(lambda: not is_connected_to(broker.base_port), "the connection's end")
        for number in range(1, 100):
            publisher.publish(event(number))
        broker.start()
    stream = client.stream(start="first", filters=["TestEvent"])
    assert numbers(next(stream) for _ in range(100)) == list(range(100))
    stream.close()


def test_a_full_queue_is_told_and_nothing_dropped_in_silence(client, broker):
    publisher = client.publisher(queue_bytes=200_000, send_timeout=0.2, close_timeout=0.1)
    os.kill(broker.process.pid, signal.SIGSTOP)
    taken = 0
    with pytest.raises(tocsin.QueueFull):
        while True:
            publisher.publish(event(taken, snapshot={"number": taken, "pad": "x" * 50_000}))
            taken += 1
    os.kill(broker.process.pid, signal.SIGCONT)
    publisher.flush(DEADLINE)
    publisher.close()
    with client.stream(start="first", filters=["TestEvent"]) as stream:
        assert numbers(next(stream) for _ in range(taken)) == list(range(taken))


def test_an_appended_event_has_a_receipt(client, broker):
    with client.appender("billing-1") as appender:
        receipt = appender.append(event(1), DEADLINE)
        assert receipt.n == 1 and len(receipt.hash) == 32
        second = appender.append(event(2), DEADLINE)
        assert second.seq == receipt.seq + 1
    with open(os.path.join(broker.log_dir, "events.log"), encoding="utf-8") as log:
        lines = [json.loads(line) for line in log]
    assert lines[receipt.seq - 1]["hash"] == receipt.hash
    assert (lines[receipt.seq - 1]["producer"], lines[receipt.seq - 1]["n"]) == ("billing-1", 1)
    with client.appender("billing-1") as appender:
        assert appender.submit(event(3)) == 3  # numbers go on


def test_closing_an_appender_waits_for_what_is_unsettled(client):
    settled = []
    with client.appender("p", on_settled=settled.append, close_timeout=DEADLINE) as appender:
        for number in range(20000):
            appender.submit(event(number))
    assert settled[-1].n == 20000
    with client.stream(start="first", filters=["TestEvent"], follow=False) as stream:
        assert numbers(stream) == list(range(20000))


def test_what_the_broker_refuses_is_told_and_the_rest_goes_on(tmp_path):
    with Broker(str(tmp_path / "small"), ["--max-event-bytes", "2000"]) as broker:
        refused = []
        client = tocsin.Client(broker.server, timeout=DEADLINE)
        with client.appender("p", on_refused=refused.append) as appender:
            good = appender.submit(event(1))
            bad = appender.submit(event(2, summary="x" * 3000))
            after = appender.submit(event(3))
            appender.wait(good, DEADLINE)
            with pytest.raises(tocsin.Refused) as error:
                appender.wait(bad, DEADLINE)
            assert error.value.code == "length"
            assert appender.wait(after, DEADLINE).seq > 0
            assert [rejection.n for rejection in refused] == [bad]


def test_a_callback_that_fails_is_logged_and_stops_nothing(client, caplog):
    def fail(receipt):
        raise ValueError("mine")

    with client.appender("p", on_settled=fail) as appender:
        appender.append(event(1), DEADLINE)
        appender.append(event(2), DEADLINE)
    assert "a callback failed" in caplog.text
    with pytest.raises(tocsin.Closed):
        appender.submit(event(3))


def test_a_newer_incarnation_fences_the_older(client):
    old = client.appender("p")
    old.append(event(1), DEADLINE)
    new = client.appender("p")
    new.append(event(2), DEADLINE)
    with pytest.raises(tocsin.Fenced):
        old.append(event(3), DEADLINE)
    with pytest.raises(tocsin.Fenced):
        old.submit(event(4))
    new.close()
    with pytest.raises(tocsin.Fenced):
        client.appender("p", incarnation=1)
    with pytest.raises(ValueError):
        client.appender("no such name")


def test_an_appender_loses_and_doubles_nothing_when_the_broker_is_killed(client, broker):
    stop = threading.Event()
    taken = 0

    def kill_now_and_then():
        while not stop.wait(0.4):
            broker.kill()
            broker.start()

    killer = threading.Thread(target=kill_now_and_then)
    with client.appender("p", close_timeout=DEADLINE, send_timeout=DEADLINE, queue_bytes=50_000) as appender:
        killer.start()
        while appender.sessions < 4:
            appender.submit(event(taken))
            taken += 1
        stop.set()
        killer.join()
    with client.stream(start="first", filters=["TestEvent"], follow=False) as stream:
        assert numbers(stream) == list(range(taken))


def test_a_stream_resumes_exactly_when_the_broker_is_killed(client, broker):
    notices = []
    stop = threading.Event()

    def kill_now_and_then():
        while not stop.wait(0.5):
            broker.kill()
            broker.start()

    with client.appender("p", close_timeout=DEADLINE, send_timeout=DEADLINE) as appender:
        stream = client.stream(start="new", filters=["TestEvent"], credit_bytes=20_000, on_notice=notices.append)
        killer = threading.Thread(target=kill_now_and_then)
        killer.start()
        got, taken = [], 0
        while appender.sessions < 4:
            for _ in range(200):
                appender.submit(event(taken))
                taken += 1
            got += [next(stream) for _ in range(200)]
        stop.set()
        killer.join()
    assert numbers(got) == list(range(taken))
    assert not [notice for notice in notices if isinstance(notice, (tocsin.Hole, tocsin.LogReset))]
    stream.close()


def test_streams_begin_where_they_are_asked_to(client):
    with client.appender("p") as appender:
        receipts = [appender.append(event(number), DEADLINE) for number in range(10)]

    def told(**options):
        with client.stream(follow=False, filters=["TestEvent"], **options) as stream:
            return numbers(stream)

    assert told(start="first") == list(range(10))
    assert told(start=receipts[4].seq) == list(range(4, 10))
    assert told(start=tocsin.Last(3)) == [7, 8, 9]
    assert told(start="new") == []
    (third,) = [record for record in client.latest(filters=["TestEvent/source-3"])]
    later = list(own(client.stream(start=third.received, follow=False)))
    assert later[-1].event.snapshot == {"number": 9}
    assert told(start="2026-01-01T00:00:00Z") == list(range(10))
    assert told(start="first", types=["Other"]) == []
    assert told(start="first", level="Warning") == []
    assert told(start="first", exclude=["TestEvent/source-1"]) == [0, 2, 3, 4, 5, 6, 7, 9]
    assert told(start="new", latest=True) == [3, 4, 5, 6, 7, 8, 9]
    with pytest.raises(ValueError):
        client.stream(start="yesterday")


def test_the_end_is_told_once(client):
    stream = client.stream(start="first", follow=False)
    messages = list(stream.messages())
    assert isinstance(messages[-1], tocsin.End) and messages[-1].last == stream.cursor == stream.head
    with pytest.raises(tocsin.Closed):
        stream.next(1.0)
    stream.close()


def test_a_cursor_file_goes_on_where_the_last_run_ended(client, tmp_path):
    path = tmp_path / "cursor"
    with client.appender("p") as appender:
        for number in range(10):
            appender.submit(event(number))
    with client.stream(start="first", filters=["TestEvent"], cursor_file=path) as stream:
        assert numbers(next(stream) for _ in range(4)) == [0, 1, 2, 3]
        stream.commit()
        with pytest.raises(tocsin.CursorError):
            client.stream(cursor_file=path)
    with client.stream(start="first", filters=["TestEvent"], cursor_file=path, follow=False) as stream:
        assert numbers(stream) == [4, 5, 6, 7, 8, 9]
    assert path.read_text().startswith("tocsin-cursor 1 ")
    path.write_text("no cursor\n")
    with pytest.raises(tocsin.CursorError):
        client.stream(cursor_file=path)


def test_a_second_process_is_kept_from_a_cursor_file(client, broker, tmp_path):
    path = str(tmp_path / "cursor")
    command = [os.path.join(build_dir(), "client", "tocsin"), "sub", "--server", broker.server, "--cursor", path]
    with client.stream(cursor_file=path):
        done = subprocess.run(command, stderr=subprocess.PIPE, timeout=DEADLINE, check=False)
    assert done.returncode == 1 and b"another process uses it" in done.stderr


def test_a_cursor_of_another_log_is_an_error(client, tmp_path):
    with pytest.raises(tocsin.OtherLog):
        client.stream(start=1, log_id="0" * 32)


def test_another_log_is_told_as_a_reset_where_no_cursor_is_kept(client, broker):
    import shutil

    with client.appender("p") as appender:
        appender.append(event(1), DEADLINE)
    stream = client.stream(start="first")
    live = client.subscribe()
    assert numbers([next(record for record in own(stream))]) == [1]
    broker.kill()
    shutil.rmtree(broker.log_dir)
    broker.start()
    reset = next(message for message in stream.messages() if isinstance(message, tocsin.LogReset))
    assert reset.log_id == client.info().log_id
    with client.appender("p") as appender:
        appender.append(event(2), DEADLINE)
    assert numbers([next(record for record in own(stream))]) == [2]
    assert any(isinstance(live.next(DEADLINE), tocsin.LogReset) for _ in range(20))
    stream.close()
    live.close()


def test_a_slow_subscriber_is_told_what_it_lost(tmp_path):
    with Broker(str(tmp_path / "log"), ["--live-hwm", "10"]) as broker:
        lose_and_count(tocsin.Client(broker.server, timeout=DEADLINE))


def lose_and_count(client):
    live = client.subscribe(filters=["TestEvent"], queue_frames=1)
    everything = client.subscribe(queue_frames=1)
    with client.publisher(collects=False, close_timeout=DEADLINE, send_timeout=DEADLINE) as publisher:
        for number in range(3000):
            publisher.publish(event(number, source_id="one", snapshot={"number": number, "pad": "x" * 10_000}))
    wait_until(lambda: client.info().head > 3000, "all in the log")
    head = client.info().head
    lost = got = 0
    while lost + got < 3000:
        message = everything.next(DEADLINE)
        if isinstance(message, tocsin.Gap):
            assert message.topic is None and message.at_least == message.last - message.first + 1
            lost += message.at_least
        elif isinstance(message, tocsin.Record) and message.event.category == "TestEvent":
            got += 1
    assert lost > 0 and got > 0
    gaps, last = [], 0
    with client.publisher() as publisher:
        while last <= head:
            try:
                message = live.next(0.2)
            except tocsin.TimedOut:  # the last one may be lost too: send another
                publisher.publish(event(1, source_id="one"))
                continue
            if isinstance(message, tocsin.Gap):
                gaps.append(message)
            elif isinstance(message, tocsin.Record):
                last = message.seq
    assert gaps and all(gap.topic == "TestEvent/one" for gap in gaps)
    live.close()
    everything.close()


def test_a_subscriber_comes_back_after_the_broker_did(client, broker):
    live = client.subscribe(filters=["TestEvent"], heartbeat_timeout=1.5)
    broker.kill()
    assert isinstance(live.next(DEADLINE), tocsin.ConnectionLost)
    broker.start()
    assert isinstance(live.next(DEADLINE), tocsin.ConnectionRestored)
    with client.publisher() as publisher:
        publisher.publish(event(1))
    assert numbers([next(live)]) == [1]
    live.close()


def test_filters_for_a_subtree_take_a_vhosts_applications(client):
    wanted = ["v", "v/x", "#v#a", "#v#a/s"]
    with client.subscribe(filters=["TestEvent/v/**"]) as live, client.publisher() as publisher:
        for source in ["w", *wanted, "vw", "#vw#a", "#w#a"]:
            publisher.publish(event(1, source_id=source))
        publisher.publish(event(2, source_id="v"))
        assert [next(live).event.source_id for _ in range(5)] == [*wanted, "v"]


def test_info_tells_of_the_broker(client):
    info = client.info()
    assert len(info.log_id) == 32 and info.first == 1 and info.head >= 1 and info.counters


def test_a_log_record_becomes_an_event(client):
    logger = logging.getLogger("billing.mail")
    with client.subscribe(filters=["LogEvent"]) as live, client.publisher() as publisher:
        handler = TocsinHandler(publisher, "billing-1")
        logger.addHandler(handler)
        try:
            logger.warning("queue is long: %d", 7)
            try:
                raise ValueError("bad\0")
            except ValueError:
                logger.exception("two\nlines")
        finally:
            logger.removeHandler(handler)
        first, second = next(live).event, next(live).event
    assert (first.level, first.type, first.summary) == (tocsin.Level.WARNING, "billing.mail", "queue is long: 7")
    assert first.source_id == "billing-1" and first.snapshot["function"].startswith("test_")
    assert second.level is tocsin.Level.ERROR and second.summary == "two lines"
    assert "ValueError: bad" in second.snapshot["exception"]


def test_the_command_line_reads_what_is_published_here(client, broker):
    with client.appender("p") as appender:
        appender.append(event(1, snapshot={"big": 2**64 - 1, "float": 1.0}), DEADLINE)
    command = [os.path.join(build_dir(), "client", "tocsin"), "sub", "--server", broker.server, "--all", "-o", "json"]
    done = subprocess.run([*command, "TestEvent"], stdout=subprocess.PIPE, timeout=DEADLINE, check=True)
    assert json.loads(done.stdout)["snapshot"] == {"big": 2**64 - 1, "float": 1.0}
