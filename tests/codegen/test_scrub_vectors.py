"""Scrub vectors: what authors say of a scrubber is what the runtime does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from declarant.scrub import scrub
from declarant_codegen import load_catalogue
from declarant_codegen.manifest import make_manifest
from declarant_codegen.privacy import check_scrub
from declarant_codegen.projection import project_event

SCHEMAS = Path(__file__).parents[2] / "schemas"
GOOD = [{"text": "jo.doe@example.com", "kept": "<scrubbed>"}]
WRONG = [{"text": "jo.doe@example.com", "kept": "jo.doe@example.com"}]
FREE: dict[str, Any] = {
    "type": "string",
    "maxLength": 50,
    "x-class": "free_text",
    "x-scrub": "message",
    "x-reason": "A test needs it.",
}


def found(schema: dict[str, Any], *broken: str) -> list[tuple[str, str]]:
    """Return rule and place of each finding."""
    return [problem[:2] for problem in check_scrub(schema, frozenset(broken))]


HELLO = {"text": "hello", "kept": "hello"}
CUT = {"text": "a word too many", "kept": scrub("message", "a word too many", 12)}
NOTHING = ("SCRUB_VECTORS_MISSING", "x-scrub-vectors")
MISSING = ("SCRUB_VECTORS_MISSING", "x-scrub")
CASES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({**FREE, "x-scrub-vectors": GOOD}, []),
    ({**FREE, "type": ["string", "null"], "x-scrub-vectors": GOOD}, []),
    (FREE, [MISSING]),
    (
        {**FREE, "x-scrub-vectors": [*GOOD, *WRONG, *GOOD, *WRONG]},
        [
            ("SCRUB_VECTOR_FAILED", "x-scrub-vectors/1"),
            ("SCRUB_VECTOR_FAILED", "x-scrub-vectors/3"),
        ],
    ),
    # of "hello" no scrubber removes anything; a text that is cut is not scrubbed for that
    ({**FREE, "x-scrub-vectors": [HELLO]}, [NOTHING]),
    ({**FREE, "x-scrub-vectors": [HELLO, HELLO]}, [NOTHING]),
    ({**FREE, "maxLength": 12, "x-scrub-vectors": [CUT]}, [NOTHING]),
    ({**FREE, "x-scrub-vectors": [HELLO, *GOOD]}, []),
    ({**FREE, "x-scrub": "path", "x-scrub-vectors": [HELLO]}, [NOTHING]),
    # what another rule tells is not told again
    (
        {**FREE, "maxLength": 9, "x-scrub-vectors": GOOD},
        [("SCRUB_CONTRADICTED", "maxLength")],
    ),
    (
        {key: value for key, value in FREE.items() if key != "maxLength"}
        | {"x-scrub-vectors": WRONG},
        [],
    ),
    (
        {"type": "string", "pattern": "^a$", "x-scrub": "message", "x-scrub-vectors": WRONG},
        [("SCRUB_MISPLACED", "x-scrub")],
    ),
    # nothing to run them against
    (
        {"type": "string", "pattern": "^a$", "x-scrub-vectors": GOOD},
        [("KEYWORD_WITHOUT_EFFECT", "x-scrub-vectors")],
    ),
    (
        {key: value for key, value in FREE.items() if key != "x-scrub"} | {"x-scrub-vectors": GOOD},
        [("SCRUB_MISSING", "")],
    ),
]


@pytest.mark.parametrize(("schema", "expected"), CASES)
def test_vectors_are_run(schema: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Each vector that comes out otherwise is told where it stands; none at all is told, too."""
    assert found(schema) == expected


@pytest.mark.parametrize("keyword", ["x-scrub", "x-scrub-vectors", "maxLength"])
def test_what_is_broken_is_not_run(keyword: str) -> None:
    """A keyword that the dialect refused is no reason for another finding."""
    schema = {**FREE, "x-scrub-vectors": WRONG}
    del schema[keyword]

    assert found(schema, keyword) == []


def test_the_length_of_the_field_counts() -> None:
    """A vector is cut where the field is."""
    text = "jo.doe@example.com " + "word " * 30
    kept = scrub("message", text, 50)

    schema = {**FREE, "x-scrub-vectors": [{"text": text, "kept": kept}]}

    assert len(kept) <= 50
    assert found(schema) == []
    assert found({**schema, "maxLength": 20}) == (
        [] if scrub("message", text, 20) == kept else [("SCRUB_VECTOR_FAILED", "x-scrub-vectors/0")]
    )


def test_the_message_shows_the_whole_text() -> None:
    """Vectors are examples, so what came out can be copied from the finding."""
    (problem,) = check_scrub({**FREE, "x-scrub-vectors": [{**WRONG[0], "kept": 'a"\n\x7f' * 40}]})

    shown = json.dumps('a"\n' * 40).replace("\\n", "\\n\\u007f")
    assert problem[2] == (
        f'expected "message" to keep {shown} of "jo.doe@example.com", found "<scrubbed>"; '
        'correct "kept" if that tells nothing of anybody, else name another scrubber'
    )


def test_vectors_are_words() -> None:
    """No seal, diff or manifest has them: they explain a scrubber, and change nothing."""
    catalogue = load_catalogue(SCHEMAS).catalogue
    assert catalogue is not None
    event = next(event for event in catalogue.events if event.name == "ModelKitError")
    assert "x-scrub-vectors" in json.dumps(event.schema)

    projected = project_event(event, {"message": "1", "path": "1"})
    manifest = make_manifest(catalogue, generator="0", is_clean=True, inputs=(), outputs={})

    assert "x-scrub-vectors" not in json.dumps(projected)
    assert "x-scrub-vectors" not in json.dumps(manifest)


@pytest.mark.parametrize("suffix", ["py", "json", "md", "txt"])
def test_the_output_holds_none(suffix: str) -> None:
    """What ships is what runs, not what proves it."""
    files = list((SCHEMAS.parent / "generated").rglob(f"*.{suffix}"))

    assert files
    assert [path for path in files if re.search(r"scrub.vectors", path.read_text("utf-8"))] == []
