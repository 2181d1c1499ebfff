"""The handles of asyncio against a real broker. They share all that speaks the protocol with the blocking ones."""

import asyncio
import contextlib

import pytest
import zmq.asyncio
from conftest import DEADLINE, event, numbers

import tocsin


def run(coroutine):
    asyncio.run(asyncio.wait_for(coroutine, DEADLINE))


def test_published_events_arrive_live_in_order(aclient):
    async def main():
        async with aclient.subscribe(filters=["TestEvent"]) as live, aclient.publisher() as publisher:
            for number in range(5000):
                await publisher.publish(event(number))
            assert numbers([await live.__anext__() for _ in range(5000)]) == list(range(5000))
            await publisher.publish(event(7))
            assert numbers([await live.__anext__()]) == [7]

    run(main())


def test_a_publisher_without_collecting_sends_each_at_once(aclient):
    async def main():
        async with aclient.subscribe(filters=["TestEvent"]) as live, aclient.publisher(collects=False) as publisher:
            await asyncio.gather(*(publisher.publish(event(number)) for number in range(100)))
            assert sorted(numbers([await live.__anext__() for _ in range(100)])) == list(range(100))

    run(main())


def test_handles_open_by_their_first_use_and_a_stream_ends_at_the_head(aclient):
    async def main():
        publisher = aclient.publisher()
        for number in range(10):
            await publisher.publish(event(number))
        await publisher.close()
        await publisher.close()
        got = []
        while len(got) < 10:
            got = [record async for record in aclient.stream(start="first", filters=["TestEvent"], follow=False)]
        assert numbers(got) == list(range(10))

    run(main())


def test_many_appends_wait_side_by_side(aclient):
    async def main():
        async with aclient.appender("p", close_timeout=DEADLINE) as appender:
            receipts = await asyncio.gather(*(appender.append(event(number)) for number in range(500)))
            assert all(receipt.seq > 0 for receipt in receipts)
            assert appender.unsettled == 0
            for number in range(500, 3000):
                await appender.submit(event(number))
            assert (await appender.flush(DEADLINE)).n == 3000
        async with aclient.stream(start="first", filters=["TestEvent"], follow=False) as stream:
            assert numbers([record async for record in stream]) == list(range(3000))

    run(main())


def test_nothing_is_lost_or_doubled_when_the_broker_is_killed(aclient, broker):
    async def main():
        async with aclient.appender("p", close_timeout=DEADLINE, send_timeout=DEADLINE) as appender:
            stream = aclient.stream(start="new", filters=["TestEvent"], credit_bytes=20_000, on_notice=lambda notice: None)
            await stream.open()
            got, taken = [], 0
            while appender.sessions < 4:
                if taken % 2000 == 1000:
                    await asyncio.to_thread(broker.kill)
                    await asyncio.to_thread(broker.start)
                for _ in range(200):
                    await appender.submit(event(taken))
                    taken += 1
                got += [await stream.__anext__() for _ in range(200)]
            assert numbers(got) == list(range(taken))
            await stream.close()

    run(main())


def test_a_wait_ends_in_time_and_can_be_cancelled(aclient):
    async def main():
        async with aclient.subscribe(filters=["TestEvent"]) as live:
            with pytest.raises(tocsin.TimedOut):
                await live.next(0.05)
            waiting = asyncio.create_task(live.next())
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            async with aclient.publisher() as publisher:
                await publisher.publish(event(1))
            assert isinstance(await live.next(DEADLINE), tocsin.Record)

    run(main())


def test_two_waits_at_once_are_an_error(aclient):
    async def main():
        async with aclient.subscribe(filters=["TestEvent"]) as live:
            waiting = asyncio.create_task(live.next())
            await asyncio.sleep(0)
            with pytest.raises(tocsin.TocsinError):
                await live.next(1)
            waiting.cancel()

    run(main())


def test_a_closed_handle_takes_nothing(aclient):
    async def main():
        async with aclient.publisher() as publisher, aclient.appender("p") as appender:
            await publisher.publish(event(1))
            await appender.append(event(2))
        with pytest.raises(tocsin.Closed):
            await publisher.publish(event(3))
        with pytest.raises(tocsin.Closed):
            await appender.submit(event(3))

    run(main())


def test_closing_ends_a_wait(aclient):
    async def main():
        live = aclient.subscribe(filters=["TestEvent"])
        await live.open()
        waiting = asyncio.create_task(live.next())
        await asyncio.sleep(0)
        await live.close()
        with pytest.raises(tocsin.Closed):
            await waiting

    run(main())


def test_no_broker_is_an_error(tmp_path):
    client = tocsin.AsyncClient("127.0.0.1:1", timeout=0.2)

    async def main():
        for handle in (client.publisher(), client.appender("p"), client.subscribe(), client.stream()):
            with pytest.raises(tocsin.Unreachable):
                await handle.open()
        with pytest.raises(tocsin.Unreachable):
            await client.info()

    run(main())


def test_a_context_of_the_programs_own_will_do(broker):
    async def main():
        with zmq.asyncio.Context() as context:
            client = tocsin.AsyncClient(broker.server, timeout=DEADLINE, context=context)
            async with client.subscribe(filters=["TestEvent"]) as live, client.publisher() as publisher:
                await publisher.publish(event(1))
                assert numbers([await live.__anext__()]) == [1]

    run(main())


def test_info_and_latest_are_answered(aclient):
    async def main():
        async with aclient.appender("p") as appender:
            await appender.append(event(1))
        assert (await aclient.info()).head >= 2
        assert numbers(await aclient.latest(filters=["TestEvent"])) == [1]

    run(main())


def test_a_newer_incarnation_fences_the_older(aclient):
    async def main():
        old, new = aclient.appender("p"), aclient.appender("p")
        await old.append(event(1))
        await new.append(event(2))
        with pytest.raises(tocsin.Fenced):
            await old.append(event(3))
        await new.close()
        with contextlib.suppress(tocsin.Fenced):
            await old.close()

    run(main())
