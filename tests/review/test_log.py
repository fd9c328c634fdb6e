"""Logs of approvals: whatever was done to one is found, and then it approves nothing."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import changed
from review_work import LOG, RULES_LOG, Work

from declarant_codegen.canonical import NotCanonicalError, canonical_json
from declarant_codegen.review.log import CATALOGUE, Log, Logs, log_name, read_logs, shrunk

SCHEMAS = Path(__file__).parents[2] / "schemas"
#: A real log of two approvals, with every kind of member.
REAL = SCHEMAS / "reviews" / "model_kit_error.json"
SUBJECT = "ModelKitError"
TEXT = REAL.read_text("utf-8")
VALUE: Any = json.loads(TEXT)


def read(schemas: Path) -> Log:
    """Return the log, having seen that findings and soundness go together."""
    logs = read_logs(schemas)
    log = logs.of(SUBJECT)
    assert log.is_sound is not bool(logs.findings), logs.findings
    assert log.is_sound or log.approvals == ()
    return log


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A schemas folder with nothing but one log."""
    schemas = tmp_path_factory.mktemp("lone") / "schemas"
    (schemas / "reviews").mkdir(parents=True)
    return schemas


def lay(schemas: Path, raw: bytes) -> None:
    (schemas / "reviews" / REAL.name).write_bytes(raw)


def meaning(text: str) -> str | None:
    """Return the canonical text of what *text* says, None if it says nothing for certain."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key twice")
        return dict(pairs)

    try:
        return canonical_json(json.loads(text, object_pairs_hook=unique))
    except (ValueError, NotCanonicalError):
        return None


def layouts(value: Any) -> st.SearchStrategy[str]:
    """Draw a text of a value, in any layout."""
    return st.builds(
        lambda indent, ascii_only, spaces, ends: (
            json.dumps(value, indent=indent, ensure_ascii=ascii_only).replace("\n", ends) + spaces
        ),
        st.sampled_from([None, 0, 2, "\t"]),
        st.booleans(),
        st.sampled_from(["", "\n", " \n\n", "\r\n"]),
        st.sampled_from(["\n", "\r\n"]),
    )


def is_shorter(value: Any) -> bool:
    """Tell whether approvals at the end are gone and nothing else is done."""
    return 0 < len(value["approvals"]) < len(VALUE["approvals"]) and value == {
        **VALUE,
        "approvals": VALUE["approvals"][: len(value["approvals"])],
    }


@settings(max_examples=250)
@given(data=st.data())
def test_only_another_layout_leaves_a_log_sound(lone: Path, data: st.DataObject) -> None:
    """Whatever is changed in a log's value, it is found; however it is laid out, it is sound."""
    value = data.draw(changed(VALUE))
    text = data.draw(layouts(value))
    lay(lone, text.encode())

    log = read(lone)

    is_same = meaning(text) == meaning(TEXT)
    if isinstance(value.get("approvals"), list) and is_shorter(value):
        # No log says how long it was; an earlier revision does.
        lay(lone, TEXT.encode())
        assert shrunk(read(lone), log) is not None
    else:
        assert log.is_sound is is_same


@settings(max_examples=250)
@given(data=st.data())
def test_no_other_byte_leaves_a_log_sound(lone: Path, data: st.DataObject) -> None:
    """Whatever bytes are changed, a log that is still sound says the same."""
    raw = bytearray(TEXT.encode())
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(raw) - 1))
        new = data.draw(st.binary(max_size=2) | st.sampled_from([b'"', b"\\", b"\n", b"1", b"e9"]))
        raw[at : at + data.draw(st.integers(0, 2))] = new
    lay(lone, bytes(raw))

    if read(lone).is_sound:
        assert meaning(raw.decode()) == meaning(TEXT)


@given(cut=st.integers(0, len(TEXT) - 2))
def test_a_cut_log_is_found(lone: Path, cut: int) -> None:
    """A file that ends early is damaged, wherever it ends."""
    lay(lone, TEXT.encode()[:cut])

    assert not read(lone).is_sound


@pytest.mark.parametrize("order", [(1,), (1, 0), (0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 0)])
def test_whole_approvals_taken_out_moved_or_repeated_are_found(
    lone: Path, order: tuple[int, ...]
) -> None:
    """Each by itself has its right digests; it is the chain that breaks."""
    approvals = [VALUE["approvals"][index] for index in order]
    lay(lone, json.dumps({**VALUE, "approvals": approvals}).encode())

    assert {finding.rule_id for finding in read_logs(lone).findings} == {"SEAL_BROKEN"}
    assert not read(lone).is_sound


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "JSON_SYNTAX"),
        (b"\x00" * 100, "JSON_SYNTAX"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "JSON_ENCODING"),
        (TEXT.encode().replace(b"DEMO-1", b"DEM\xff-1", 1), "JSON_ENCODING"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "JSON_BOM"),
        (TEXT.replace('"by"', '"by": "Me", "by"', 1).encode(), "JSON_DUPLICATE_KEY"),
        (TEXT.replace('"kind"', '"kind": "event", "kind"', 1).encode(), "JSON_DUPLICATE_KEY"),
        (b"[" * 100_000, "JSON_TOO_DEEP"),
        (TEXT.replace('"slots": [', '"slots": [' + "[" * 70 + "]" * 70 + ", ", 1).encode(),
         "JSON_TOO_DEEP"),
        (b"<<<<<<< HEAD\n" + TEXT.encode(), "JSON_SYNTAX"),
        (b"null", "KEYWORD_VALUE"),
        (b"[]", "KEYWORD_VALUE"),
        (b"{}", "KEYWORD_MISSING"),
        (TEXT.replace("DEMO-1", "DEMO\\u202e1", 1).encode(), "TEXT_BIDI"),
        (TEXT.replace("DEMO-1", "DEMO\\ud800", 1).encode(), "JSON_ENCODING"),
        (TEXT.replace('"line"', '"$schema": 1, "line"', 1).encode(), "SEAL_BROKEN"),
        (TEXT.replace('"retention_days": 90', '"retention_days": 9007199254740993').encode(),
         "SEAL_BROKEN"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_found(lone: Path, raw: bytes, rule: str) -> None:
    """Each kind of damage has its finding, and the log approves nothing."""
    lay(lone, raw)

    assert not read(lone).is_sound
    assert rule in {finding.rule_id for finding in read_logs(lone).findings}


def test_a_huge_file_is_found(lone: Path) -> None:
    """More than is read is said, not read."""
    path = lone / "reviews" / REAL.name
    lay(lone, TEXT.encode())
    os.truncate(path, (64 << 20) + 1)

    assert not read(lone).is_sound
    assert [finding.rule_id for finding in read_logs(lone).findings] == ["FILE_TOO_LARGE"]
    path.unlink()


def test_a_log_of_another_subject_is_found(tmp_path: Path) -> None:
    """Approvals count for the subject that the file is named after, and for no other."""
    reviews = tmp_path / "schemas" / "reviews"
    reviews.mkdir(parents=True)
    shutil.copy(REAL, reviews / "model_kit_action.json")

    logs = read_logs(tmp_path / "schemas")

    assert [finding.rule_id for finding in logs.findings] == ["FILE_NAME"]
    assert not logs.of("ModelKitAction").is_sound
    assert logs.of("ModelKitError") == Log(subject="ModelKitError")


def test_approvals_of_another_subject_are_found(approved: Work) -> None:
    """A log's own name does not make approvals of something else count."""
    other = approved.read("reviews/ext.os.json")["approvals"]

    approved.edit(LOG, lambda value: value.update(approvals=other))

    assert approved.state() == "BROKEN"
    assert [item["rule"] for item in approved.check()] == ["SEAL_BROKEN"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_found(approved: Work) -> None:
    """Nothing waits for a writer."""
    (approved.schemas / LOG).unlink()
    os.mkfifo(approved.schemas / LOG)

    assert approved.rules() == ["FILE_UNREADABLE"]
    assert approved.state() == "BROKEN"


def test_a_link_is_found(approved: Work) -> None:
    """A log is a file of its own, and so is the folder of logs."""
    real = approved.folder / "elsewhere.json"
    shutil.move(approved.schemas / LOG, real)
    (approved.schemas / LOG).symlink_to(real)
    assert (approved.rules(), approved.state()) == (["FILE_LINK"], "BROKEN")

    shutil.move(approved.schemas / "reviews", approved.folder / "others")
    (approved.schemas / "reviews").symlink_to(approved.folder / "others")
    assert set(approved.rules()) == {"FILE_LINK"}
    assert {item.state.name for item in approved.review().standings} == {"BROKEN"}


def test_a_folder_that_is_none_is_found(approved: Work) -> None:
    """A file in place of the folder approves nothing."""
    shutil.rmtree(approved.schemas / "reviews")
    (approved.schemas / "reviews").write_text("mine")

    assert approved.rules() == ["FILE_UNREADABLE"]
    assert {item.state.name for item in approved.review().standings} == {"BROKEN"}


def test_what_is_no_log_is_passed_over_or_found(approved: Work) -> None:
    """Notes and hidden files are nobody's business; anything else has no place there."""
    for name in ("README.md", ".gitkeep", "old.json~"):
        (approved.schemas / "reviews" / name).write_text("mine")
    assert approved.rules() == []

    (approved.schemas / "reviews" / "notes.txt").write_text("mine")
    assert approved.rules() == ["FILE_UNEXPECTED"]


def test_nothing_is_added_to_a_damaged_log(approved: Work) -> None:
    """What stands in a log that cannot be read is never written over."""
    path = approved.schemas / LOG
    path.write_text("<<<<<<< HEAD\n" + path.read_text("utf-8"), "utf-8")
    before = path.read_bytes()

    ran = approved.approve("SampleOpened", role="other", code=1)

    assert "found damaged ones" in ran.err
    assert path.read_bytes() == before


def test_an_event_may_be_called_catalogue() -> None:
    """Its approvals and those of the rules are in two files."""
    names = [log_name(subject) for subject in (CATALOGUE, "Catalogue", "ModelKitAction", "ext.os")]

    assert names == [
        "catalogue.json",
        "event.catalogue.json",
        "model_kit_action.json",
        "ext.os.json",
    ]


def test_a_log_that_only_grew_has_lost_nothing() -> None:
    """Every log is longer than its beginnings, and shorter or other than what it is no end of."""
    log = read_logs(SCHEMAS).of(SUBJECT)
    first = Log(subject=SUBJECT, approvals=log.approvals[:1])
    turned = Log(subject=SUBJECT, approvals=log.approvals[::-1])

    assert [shrunk(before, log) for before in (Log(subject=SUBJECT), first, log)] == [None] * 3
    assert shrunk(log, first) == "1 approval fewer or changed"
    assert shrunk(log, turned) == "its 2 approvals in another order"
    assert shrunk(first, turned) == "its 1 approval in another order"
    assert shrunk(log, Logs().of(SUBJECT)) == "2 approvals fewer or changed"


def count(projection: Any) -> Any:
    """Return the one field of the base's event."""
    return projection["data"]["properties"]["count"]


FORGED: dict[str, Any] = {
    "no level": lambda it: it.pop("level"),
    "no data": lambda it: it.pop("data"),
    "a later version": lambda it: it.update(projection=99),
    "no version": lambda it: it.update(projection=True),
    "another kind": lambda it: it.update(kind="thing"),
    "a class that is none": lambda it: count(it).update({"x-class": "tiny"}),
    "a bound that is text": lambda it: count(it).update(minimum="0"),
    "slots that are no list": lambda it: it.update(slots=5),
    "a date that is a number": lambda it: it.update(expires=5),
    "an integer in words": lambda it: it.update(retention_days={"$integer": "many"}),
    "an integer in a list": lambda it: it.update(retention_days={"$integer": ["9"]}),
    "fields in a list": lambda it: it["data"].update(properties=[]),
    "a format that is none": lambda it: it["data"]["properties"].update(
        count={"type": "string", "format": "mail"}
    ),
    "a keyword that is none": lambda it: count(it).update({"x-scope": 1}),
    "too large a number": lambda it: it.update(retention_days=2**53 + 1),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_content_of_no_known_form_is_found(approved: Work, name: str) -> None:
    """A log whose digests fit but whose content could not have been declared is damaged."""
    approved.forge(LOG, lambda approvals: FORGED[name](approvals[0]["projection"]))

    assert [item["rule"] for item in approved.check()] == ["SEAL_BROKEN"]
    assert approved.state() == "BROKEN"


FORGED_RULES: dict[str, Any] = {
    "no scope": lambda it: it.pop("scope"),
    "a scope that is a list": lambda it: it.update(scope=[]),
    "a policy that is a number": lambda it: it.update(review=5),
    "approvers that are text": lambda it: it.update(
        review={"approvers": {"low": "me"}, "self_approval": False}
    ),
    "a version in words": lambda it: it.update(consent_version="one"),
    "a promise without names": lambda it: it["scope"].update(never=[{"line": "Mail."}]),
    "a value with too little": lambda it: it["scope"]["events"]["SampleOpened"].update(
        values={"count": ["usage"]}
    ),
    "suppressions without end": lambda it: it.update(suppressions=[{"rule": "A", "place": "b"}]),
}


@pytest.mark.parametrize("name", FORGED_RULES)
def test_rules_of_no_known_form_are_found(approved: Work, name: str) -> None:
    """So is a log of the catalogue's rules."""
    approved.forge(RULES_LOG, lambda approvals: FORGED_RULES[name](approvals[0]["projection"]))

    assert [item["rule"] for item in approved.check()] == ["SEAL_BROKEN"]
    assert approved.state("catalogue") == "BROKEN"


def test_a_log_written_with_other_numbers_is_the_same(approved: Work) -> None:
    """A tool that writes 1.0 for 1 has changed the layout, not the content."""
    path = approved.schemas / LOG
    text = path.read_text("utf-8").replace('"retention_days": 30', '"retention_days": 3.0e1')
    path.write_text(text.replace('"projection": 1', '"projection": 1.0'), "utf-8")

    assert approved.rules() == []
    assert approved.state() == "APPROVED"
