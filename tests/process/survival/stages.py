"""For each defect of `sabotage` the few processes that bring it to light, whatever else happens.

Chance finds a defect sooner or later; here each meets its moment at once. Without the defect the
account of the same processes is clean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from survival.storm import Storm

    #: A process: its role, how many events it emits, and the moment of its death or pause.
    Job = tuple[str, int, list | None]


@dataclass(frozen=True)
class Stage:
    """Rounds of processes that run at once, and what the account has to say of the defect."""

    rounds: tuple[tuple[Job, ...], ...]
    says: str

    def play(self, storm: Storm) -> None:
        """Run all rounds, and a sender that nobody kills."""
        for jobs in self.rounds:
            storm.run(*(storm.job(role, count, kill=kill) for role, count, kill in jobs))
        storm.run(storm.job("finisher"))


def _dies(site: str, number: int = 1) -> list:
    return ["site", site, number]


def _pauses(site: str, number: int = 1) -> list:
    return ["pause", site, number]


#: The process has a line ready and stands still, and another sender comes by.
_SENT_UNDER_THE_WRITER = (
    (
        ("emitter", 9, _pauses("_segments.py:append:write:before", 5)),
        ("sender", 0, None),
    ),
)

STAGES = {
    "settle_first": Stage(
        (
            (("emitter", 5, None),),
            (("sender", 0, _dies("connection.py:create_connection:connect:before")),),
        ),
        "are stored; lost",
    ),
    "never_settle": Stage(((("emitter", 5, None),),), "counts 0 accepted, 5 arrived"),
    # After the ledger has its events, and before the segment does.
    "never_count": Stage(
        (
            (("emitter", 5, None),),
            (("sender", 0, _dies("_lease.py:settle:lseek:before", 2)),),
        ),
        "counts 10 accepted, 5 arrived",
    ),
    "no_locks": Stage(_SENT_UNDER_THE_WRITER, "are stored; lost"),
    # One notes its counts over those that another noted meanwhile.
    "no_sender_lock": Stage(
        (
            (("emitter", 5, None),),
            (
                ("sender", 0, _pauses("_segments.py:replace_file:replace:before", 2)),
                ("host", 3, None),
            ),
        ),
        "counts 5 accepted, 8 arrived",
    ),
    "buffered": Stage(((("emitter", 7, None),),), "are stored; lost"),
    # Result and sources are there at once.
    "merge_by_name_alone": Stage(
        (
            (("leaver", 3, None),),
            (("sender", 0, _dies("_lease.py:finish:unlink:before")),),
        ),
        "was sent again although",
    ),
    # Neither result nor sources are.
    "sources_first": Stage(
        (
            (("leaver", 3, None),),
            (("sender", 0, _dies("_segments.py:unlink_quietly:unlink:after", 3)),),
        ),
        "are stored; lost",
    ),
    "published_unlocked": Stage(_SENT_UNDER_THE_WRITER, "are stored; lost"),
    "torn": Stage(((("emitter", 9, None),),), "are stored; lost"),
}
