"""Catalogues with a few things changed at random: each is refused by a rule, or all of it works.

How many, and from which seed on, two variables say: DECLARANT_BATCHES=100 DECLARANT_SEED=1000.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from random import Random

import pytest
from fuzzing import archives, bases, edits, uses

from declarant_codegen import load_catalogue
from declarant_codegen.generate import render_modules
from declarant_codegen.privacy_diff import diff
from declarant_codegen.review.page import make_pages
from declarant_codegen.review.verdict import review_catalogue

pytestmark = pytest.mark.once

BATCHES = int(os.environ.get("DECLARANT_BATCHES", "2"))
FIRST = int(os.environ.get("DECLARANT_SEED", "1"))
EACH = 40


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small catalogue without findings, with a field of each kind that is judged apart."""
    folder = tmp_path_factory.mktemp("base") / "schemas"
    return archives.lay(folder, {**bases.META, **bases.small()})


def test_what_is_not_changed_works(base: Path) -> None:
    """The catalogue that is changed below can be used and compared."""
    loaded = load_catalogue(base)
    assert loaded.catalogue is not None, "\n".join(map(str, loaded.findings))

    uses.stays_in_place(loaded.catalogue)
    uses.compare(loaded.catalogue, loaded.catalogue)


def test_a_count_may_be_written_as_a_fraction(base: Path, tmp_path: Path) -> None:
    """3.0 counts as 3 in all that is made of it: in code that cuts text, on a reviewer's page."""
    schemas = Path(shutil.copytree(base, tmp_path / "schemas"))
    path = schemas / "events/sample_kinds.schema.json"
    text = path.read_text("utf-8")
    changed = re.sub(r'("(?:min|max)(?:Length|Items)": \d+)', r"\1.0", text)
    path.write_text(changed.replace('"x-retention-days": 1', '"x-retention-days": 1e0'), "utf-8")
    before, after = load_catalogue(base).catalogue, load_catalogue(schemas).catalogue
    assert before is not None
    assert after is not None
    assert changed.count(".0") >= 5

    name = "sample_events/sample_kinds.py"
    # But for the digests of the file, which its text has.
    bodies = [
        re.sub(r'sha256:\w+|stamp="\w+"', "", render_modules(it)[name]) for it in (before, after)
    ]

    assert bodies[0] == bodies[1]
    assert diff(before, after) == ()
    review = review_catalogue(schemas, after)
    assert len(list(make_pages(after, review, review.standings))) == 4


@pytest.mark.parametrize("seed", range(FIRST, FIRST + BATCHES))
def test_a_changed_catalogue_is_refused_or_works(base: Path, tmp_path: Path, seed: int) -> None:
    """No exception, no finding of more than a line, no refusal without one."""
    whole = load_catalogue(base, lenient=True).catalogue
    assert whole is not None
    seen: set[str] = set()
    for number in range(EACH):
        random = Random(f"{seed}/{number}")
        files = dict(bases.small())
        for _ in range(random.choice([1, 1, 2, 4])):
            name = random.choice(list(files))
            files[name] = edits.changed(random, files[name])
        schemas = archives.lay(tmp_path / str(number) / "schemas", {**bases.META, **files})

        result = load_catalogue(schemas)
        loaded = result.catalogue or load_catalogue(schemas, lenient=True).catalogue

        seen.update(finding.rule_id for finding in result.findings)
        uses.tell(result.findings, schemas)
        assert result.catalogue or any(it.severity.value == "error" for it in result.findings)
        if result.catalogue is not None:
            seen.add("works")
            uses.stays_in_place(result.catalogue)
            if not uses.review(schemas, result.catalogue):
                seen.add("no page")
        if loaded is not None:
            seen.add("compared")
            uses.compare(whole, loaded)
    assert len(seen) > 10
