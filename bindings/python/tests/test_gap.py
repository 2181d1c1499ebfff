"""What was lost: the rules one by one, and a broker played with random losses against what the tracker says."""

import random

from tocsin._gap import WENT_BACK, GapTracker, Lost, TopicTable


def at(is_everything, head, max_topics=1000):
    tracker = GapTracker(is_everything, max_topics)
    tracker.begin(head)
    return tracker


def test_with_everything_each_missing_seq_is_counted():
    tracker = at(True, 10)
    assert tracker.on_record("S/cam", 11, 3) is None
    assert tracker.on_record("S/dog", 15, 2) == Lost(12, 14, 3, True)
    assert tracker.on_head(15) is None
    assert tracker.on_head(17) == Lost(16, 17, 2, True)
    assert tracker.on_record("S/cam", 18, 11) is None


def test_with_filters_a_jump_of_seq_is_no_loss():
    tracker = at(False, 10)
    assert tracker.on_record("S/cam", 50, 7) is None
    assert tracker.on_record("S/cam", 90, 50) is None
    assert tracker.on_head(500) is None
    assert tracker.on_record("S/cam", 501, 90) is None


def test_with_filters_a_broken_chain_is_a_loss():
    tracker = at(False, 10)
    tracker.on_record("S/cam", 20, 9)
    assert tracker.on_record("S/cam", 40, 30) == Lost(21, 30, 1, False)
    assert tracker.on_record("S/dog", 41, 33) == Lost(11, 33, 1, False)
    assert tracker.on_record("S/cam", 42, 40) is None
    assert tracker.on_record("S/cam", 43, 0) is None  # the broker no longer knows


def test_a_log_that_went_back_begins_anew():
    for is_everything in (True, False):
        tracker = at(is_everything, 100)
        assert tracker.on_record("S/cam", 5, 1) == WENT_BACK
        assert tracker.on_record("S/cam", 6, 5) is None
        assert tracker.on_head(3) == WENT_BACK
        assert tracker.on_head(3) is None


def test_a_topic_that_was_forgotten_makes_no_false_gap():
    table = TopicTable(4)
    for seq in range(1, 11):
        assert table.exchange(f"S/{seq}", seq) is None
    assert table.forgotten >= 6
    tracker = at(False, 0, 4)
    for seq in range(1, 100):
        assert tracker.on_record(f"S/{seq % 10}", seq, max(seq - 10, 0)) is None


def test_random_losses_are_told_exactly_with_everything_and_never_falsely_with_filters():
    random.seed(7)
    for _ in range(50):
        last, lost, told = {}, 0, 0
        everything, chains = at(True, 0), at(False, 0, 8)
        for seq in range(1, 300):
            topic = f"S/{random.randrange(12)}"
            prev, last[topic] = last.get(topic, 0), seq
            if random.random() < 0.1:
                lost += 1
                continue
            gap = everything.on_record(topic, seq, prev)
            told += gap.at_least if gap else 0
            chain = chains.on_record(topic, seq, prev)
            if chain:
                assert lost and chain.last == prev
        gap = everything.on_head(299)
        assert told + (gap.at_least if gap else 0) == lost
