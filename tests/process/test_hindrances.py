"""Processes that lose their disk, rights, descriptors, store or clock at each of their moments."""

from __future__ import annotations

import pytest

pytest.importorskip("fcntl", reason="needs POSIX processes")

from survival.hindrances import KINDS
from survival.storm import SWEEPS, Storm, Victims

pytestmark = pytest.mark.once


@pytest.mark.parametrize("what", ["a sender", "an emitter", "a host that sends"])
def test_a_process_goes_on_whatever_befalls_it(tmp_path, collector, what):
    """One thing after the other, each at another moment.

    What an emit answered is so: stored, and it arrives; or dropped, and nothing of it is left. What
    a sender could not write down arrives twice at most, and only its last request.
    """
    with Victims() as victims:
        storm = Storm(victims, tmp_path, collector)
        moments = SWEEPS[what].go(storm, kinds=tuple(KINDS))
        complaints = victims.complaints()

    sums = storm.account.close()
    assert (storm.account.unexplained, complaints) == ([], "")
    # It came to that: as many were hindered as there are moments, but for what threads change.
    assert sum(storm.moments.values()) > moments / 2
    assert sums["killed"] == 0
