"""The store: a file outlives its collector, and belongs to collectors only."""

import sqlite3

import pytest

from declarant_collector import Collector


def test_a_file_is_read_and_continued(make_wire, tmp_path):
    database = tmp_path / "collector.db"
    first = make_wire(database=database)
    first.post(first.event(name="First"))
    first.collector.close()

    second = make_wire(database=database)
    second.post(second.event(name="Second"))

    assert [event.name for event in second.collector.accepted()] == ["First", "Second"]
    assert [request.number for request in second.collector.requests()] == [1, 2]


def test_the_database_of_something_else_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE precious (x)")
    other.commit()
    other.close()

    with pytest.raises(ValueError, match="expected a collector's database"):
        Collector(database=path)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be looked at", "utf-8")

    with pytest.raises(sqlite3.Error):
        Collector(database=path)


def test_a_closed_collector_says_so(make_wire):
    wire = make_wire()
    wire.collector.close()

    with pytest.raises(ValueError, match="closed"):
        wire.collector.accepted()


def test_events_can_be_read_as_envelopes(wire):
    event = wire.event(data={"n": 1})
    wire.post(event)

    assert [each.envelope for each in wire.collector.accepted("ModelKitAction")] == [event]
    assert wire.collector.accepted("Other") == []
