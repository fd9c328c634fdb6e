"""Two generations of one generated package side by side, on one store."""

from __future__ import annotations

import json
import re

import pytest


@pytest.fixture
def older(twins):
    """A copy of the package in which the heartbeat was another generation's."""
    catalogue = twins.packages[0] / "modelkit_events" / "_catalogue.py"
    text = catalogue.read_text(encoding="utf-8")
    found = re.search(r'generation="([0-9a-f]+)"', text)
    assert found is not None
    other = "0" * len(found[1])

    def age():
        if (twins.work / "program.py").read_text().count("without"):
            return
        catalogue.write_text(text.replace(found[1], other), encoding="utf-8")

    def renew():
        catalogue.write_text(text, encoding="utf-8")

    return age, renew


def test_two_generations_share_a_store(twins, older, collector):
    """Either sends the other's events if it declares them, and drops what it does not."""
    age, renew = older
    twins.run("start()\nemit(1)\nemit(2)\n", events=2, before=age)
    # What the older generation declared and the newer does not.
    (segment,) = twins.store.glob("*.ndjson")
    stored = segment.read_bytes()
    line = stored.splitlines(keepends=True)[-1]
    segment.write_bytes(stored + line.replace(b'"success"', b'"withdrawn"'))

    twins.run("start(delivery='thread', exit_budget_s=10)\nemit(3)\n", events=4, before=renew)

    numbers = [json.loads(event.text)["data"]["duration_ms"] for event in collector.accepted()]
    assert sorted(numbers) == [1, 2, 3]
    assert twins.dropped() == {"WITHDRAWN": 1}


def test_both_at_once(twins, older):
    """Two processes of two generations emit and exit beside each other."""
    age, _ = older
    twins.run(
        """
        import os
        start(delivery="detached", exit_budget_s=0.2)
        emit()
        child = os.fork()
        if child == 0:
            for _ in range(20):
                emit()
            sys.exit()
        for _ in range(20):
            emit()
        os.waitpid(child, 0)
        """,
        events=41,
        before=age,
    )
