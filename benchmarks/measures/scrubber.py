"""The scrubbers: what they find, what they keep, and how their time grows with hostile text."""

from __future__ import annotations

import os
import statistics
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import scrub
from harness.figures import Spread, spread
from harness.peers import DECLARANT
from harness.report import Section

if TYPE_CHECKING:
    from harness.run import Run


def measure(run: Run) -> Section:
    """Take over the tables of `benchmarks/scrub.py`, and its figures."""
    section = Section(
        "The scrubbers",
        "Planted secrets of every class in every quoting; benign text; texts that are made to "
        "take long, without the bound on input that the runtime has, each timed once a size.",
    )
    told = StringIO()
    corpus = scrub.load_corpus()
    with redirect_stdout(told):
        recall = scrub.recall_table(corpus, count=4 if run.quick else 40)
        kept = scrub.kept_table(corpus, Path(os.__file__).parent)
        scrub.cost_table(rounds=20 if run.quick else 100)
        growths = scrub.growth_table(scrub.SIZES[:2] if run.quick else scrub.SIZES)
    section.note("scrub_recall", "credentials and paths", Spread(recall, recall, recall, 1))
    section.note("scrub_kept", DECLARANT, spread(kept))
    section.note("scrub_growth", DECLARANT, spread(growths))
    section.parts.append(told.getvalue().replace("## ", "### ").strip())
    section.parts.append(f"Median growth: {statistics.median(growths):.1f} x for 4 x the text.")
    return section
