"""Validation of one event: the generated validator beside other engines and straight code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.figures import ratio, spread, times
from harness.peers import BY_HAND, DECLARANT, FASTJSONSCHEMA
from harness.processes import PROGRAMS
from harness.report import Section, Table
from harness.run import MeasureError, tell, worked

if TYPE_CHECKING:
    from harness.run import Run


def measure(run: Run) -> Section:
    """Run every engine in turns in one process, and encoders of the whole envelope beside them."""
    section = Section(
        "Validators and encoders",
        "One valid event of six fields (a choice, three patterns, a bounded number, a boolean), "
        "2,000 calls a round, all engines in turns in one process; before that each has to tell "
        "the same valid and invalid instances apart. Compiled engines: jsonschema-rs, pydantic, "
        "msgspec; orjson, too. The encoders get the whole envelope as a dictionary that is there "
        "already.",
    )
    python = run.environments.python("limits")
    if python is None:
        return section
    words = [str(python), str(PROGRAMS / "engines.py"), str(run.rounds(60))]
    try:
        taken = worked("engines", words, run.states.fresh(), 600, run.states)
    except MeasureError as error:
        tell(error)
        return section
    for figure, samples in (("validate_ns", taken["validate"]), ("encode_ns", taken["encode"])):
        assert isinstance(samples, dict)
        for name, values in samples.items():
            section.note(figure, name, spread(values))
    by_hand = section.get("validate_ns", BY_HAND)
    fast = section.get("validate_ns", FASTJSONSCHEMA)
    section.parts.append(
        Table(
            ("validator", "µs", f"x {BY_HAND}", f"x {FASTJSONSCHEMA}", f"{DECLARANT} x this"),
            [
                (
                    name,
                    found.text(1e-3, 2),
                    times(ratio(found, by_hand)),
                    times(ratio(found, fast)),
                    times(ratio(section.get("validate_ns", DECLARANT), found)),
                )
                for name, found in section.figures["validate_ns"].items()
            ],
        )
    )
    section.parts.append(
        Table(
            ("encoder of the envelope", "µs"),
            [(name, found.text(1e-3, 2)) for name, found in section.figures["encode_ns"].items()],
        )
    )
    return section
