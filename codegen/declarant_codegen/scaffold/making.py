"""Every file of a new catalogue, made whole before one of them is placed.

Owns the order: schemas are written to a folder of their own, checked, approved by whoever made
them, and generated from, as any other catalogue is.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from declarant_codegen.cli import make_generation
from declarant_codegen.errors import CodegenError
from declarant_codegen.loader import load_catalogue
from declarant_codegen.meta_files import meta_files
from declarant_codegen.review.sealing import seal
from declarant_codegen.review.verdict import review_catalogue
from declarant_codegen.scaffold.schemas import schema_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from declarant_codegen.scaffold.answers import Answers

__all__ = ["GENERATED", "REFERENCE", "SCHEMAS", "catalogue_files"]

SCHEMAS, GENERATED = "schemas", "generated"
"""The two folders of a catalogue, as every command finds them by default."""

REFERENCE = "made and approved by declarant init"
"""Where the first approvals were decided, as users read it on the privacy page."""


class ScaffoldFaulty(CodegenError):  # noqa: N818  it names what happened
    """What was made breaks a rule, which is a defect of this package."""


def catalogue_files(answers: Answers, day: str) -> Mapping[str, bytes]:
    """Return path (POSIX) to content of everything below `SCHEMAS` and `GENERATED`.

    Args:
        answers: Checked.
        day: The ISO date of today, of the approvals too.

    Raises:
        CodegenError: The generation failed, or what was made breaks a rule.
        OSError: There is no room for temporary files.
    """
    with tempfile.TemporaryDirectory(prefix="declarant-init-") as folder:
        schemas = Path(folder, SCHEMAS)
        for path, text in {**meta_files(), **schema_files(answers, day)}.items():
            place = schemas / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())
        _approve(schemas, answers, day)
        result = load_catalogue(schemas)
        assert result.catalogue is not None, "it was approved"
        review = review_catalogue(schemas, result.catalogue)
        if review.findings:
            raise ScaffoldFaulty(str(review.findings[0]))
        made = make_generation(schemas, result, review, draft=False)
        return {
            **{
                f"{SCHEMAS}/{place.relative_to(schemas).as_posix()}": place.read_bytes()
                for place in sorted(schemas.rglob("*"))
                if place.is_file()
            },
            **{f"{GENERATED}/{path}": content for path, content in made.files.items()},
        }


def _approve(schemas: Path, answers: Answers, day: str) -> None:
    """Approve everything, as whoever made it: it says of itself that it was approved so.

    Raises:
        ScaffoldFaulty: There is a finding.
    """
    result = load_catalogue(schemas)
    if result.catalogue is None or result.findings:
        raise ScaffoldFaulty(str(result.findings[0]))
    for standing in review_catalogue(schemas, result.catalogue).standings:
        seal(
            schemas,
            standing,
            by=answers.approver,
            role=answers.approver,
            date=day,
            reference=REFERENCE,
            is_own=True,
        )
