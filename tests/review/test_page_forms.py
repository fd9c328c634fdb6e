"""The reviewer's page as text, Markdown and JSON: no text on it changes its structure."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from review_work import EVENT, TEXT, Work, lay_base

from declarant_codegen.markdown_text import displayed
from declarant_codegen.render import render
from declarant_codegen.review.page import Page, make_pages
from declarant_codegen.review.page_forms import page_json, page_text, page_view
from declarant_codegen.review.payloads import Payload
from declarant_codegen.review.sample_values import Size
from declarant_codegen.words import shown

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location(
    "privacy_page_tests", ROOT / "tests" / "codegen" / "test_privacy_page.py"
)
assert _spec is not None
assert _spec.loader is not None
privacy = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(privacy)

MARK: str = privacy.MARK
TEXTS = privacy.TEXTS.map(str.strip).filter(displayed)
#: What no author of a catalogue or approver writes: words of codegen's own, and checked digests.
OWN = {"kind", "keywords", "date", "seal", "digest", "line", "given"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Page]:
    """Pages with everything that a page can have: changes, consent, approvals, a mark, samples."""
    work = Work(tmp_path_factory.mktemp("page"))
    lay_base(work.folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(work.folder)
        work.policy(self_approval=True, rest=["sample-owner", "counsel"])
        for role in ("sample-owner", "counsel"):
            work.approve("--all", role=role)
        work.field("said", TEXT)
        count = work.read(EVENT)["properties"]["count"]
        work.field("count", {**count, "x-unit": "doors", "maximum": 10})
        work.edit("ext/os.schema.json", lambda it: it["properties"]["name"].update(maxLength=40))
        work.edit("catalogue.json", lambda it: it.update(endpoint="https://other.example.com/"))
        work.event(x_ext=[], x_level="required", x_retention_days=400)
        work.approve("SampleOpened", role="sample-owner")
        review = work.review()
        return list(make_pages(work.catalogue(), review, review.standings))


def with_text(value: Any, text: str) -> Any:
    """Return a page with a text wherever an author or an approver writes words."""
    if isinstance(value, str):
        return text
    if isinstance(value, (tuple, list)):
        return type(value)(with_text(item, text) for item in value)
    if isinstance(value, Enum) or not dataclasses.is_dataclass(value):
        return value
    changed = {
        field.name: with_text(getattr(value, field.name), text)
        for field in dataclasses.fields(value)
        if field.name not in OWN and field.name != "projection"
    }
    if "content" in changed:
        # What stands before the first colon is codegen's own, and the words behind it are code.
        changed["content"] = tuple(f"It: {text}" for _ in changed["content"])
    return dataclasses.replace(value, **changed)  # type: ignore[type-var]


def markdown(page: Page) -> str:
    return render("REVIEW.md.jinja", page_view(page))


@settings(max_examples=60)
@given(text=TEXTS, number=st.integers(0, 2))
@example(text=": 0", number=0)
def test_no_text_changes_the_markdowns_structure(pages: list[Page], text: str, number: int) -> None:
    """Whatever authors and approvers write, the page parses to the tree that words give it."""
    plain = privacy.tree(markdown(with_text(pages[number], MARK)))
    expected = [
        (kind, tag, [(type_, part.replace(MARK, displayed(text))) for type_, part in inside])
        for kind, tag, inside in plain
    ]

    hostile = markdown(with_text(pages[number], text))

    assert privacy.tree(hostile) == expected
    assert all(letter.isprintable() or letter == "\n" for letter in hostile)


@settings(max_examples=60)
@given(text=TEXTS, number=st.integers(0, 2))
def test_no_text_moves_a_terminal(pages: list[Page], text: str, number: int) -> None:
    """A page as text has its lines and no others, of printable characters alone."""
    plain = page_text(with_text(pages[number], MARK))

    hostile = page_text(with_text(pages[number], text))

    assert hostile.split("\n") == [line.replace(MARK, shown(text)) for line in plain.split("\n")]
    assert all(letter.isprintable() or letter == "\n" for letter in hostile)


@settings(max_examples=40)
@given(text=TEXTS)
def test_json_has_everything_whole(pages: list[Page], text: str) -> None:
    """No form but JSON is for machines, and it holds each text as it is, in ASCII."""
    for page in pages:
        told = json.dumps(page_json(with_text(page, text)))

        assert told.isascii()
        read = json.loads(told)
        assert read["title"] == text
        assert [item["by"] for item in read["approvals"]] == [text] * len(page.history)
        assert len(read["values"]) == len(page.rows)


@settings(max_examples=100)
@example(line="```")
@example(line="````` x")
@given(
    line=st.text(
        st.characters(codec="utf-8", exclude_characters="\n\r") | st.just("`"),
        min_size=1,
        max_size=60,
    )
)
def test_a_payload_stays_in_its_fence(pages: list[Page], line: str) -> None:
    """A sample is shown as it is, whatever backticks it holds."""
    payload = Payload(size=Size.LARGEST, given={}, line=line)
    source = markdown(dataclasses.replace(pages[2], payloads=(payload,)))

    fences = [token for token in MarkdownIt("commonmark").parse(source) if token.type == "fence"]

    assert [fence.content for fence in fences] == [shown(line) + "\n"]


def test_long_payloads_are_cut_and_say_so(pages: list[Page]) -> None:
    """Text and Markdown are for reading; JSON has all."""
    payload = Payload(size=Size.LARGEST, given={"a": "x"}, line="{" + "x" * 5000 + "}")
    page = dataclasses.replace(pages[2], payloads=(payload,))

    for text in (page_text(page), markdown(page)):
        assert "(3502 characters more; --format json has all)" in text
        assert "largest, 5002 bytes" in text
    assert page_json(page)["payloads"] == [
        {"size": "largest", "bytes": 5002, "given": {"a": "x"}, "line": payload.line}
    ]


def test_a_payload_that_is_never_sent_is_told(pages: list[Page]) -> None:
    """What the runtime drops for its length has no bytes."""
    payload = Payload(size=Size.LARGEST, given={"a": "x"}, line=None)
    page = dataclasses.replace(pages[2], payloads=(payload,))

    for text in (page_text(page), markdown(page)):
        assert "largest, too long to be sent" in text
    (told,) = page_json(page)["payloads"]
    assert (told["bytes"], told["line"]) == (None, None)


def test_everything_is_on_every_form(pages: list[Page]) -> None:
    """What is decided, changed, told, sent, linked, asked and approved stands in each form."""
    page = pages[2]
    asked = [words for _, words in page.facts] + list(page.content) + list(page.questions)
    asked += [row.meaning for row in page.rows] + [change.before for change in page.changes]
    examples = [item for row in page.rows for item in row.scrubbings]
    assert [(item.text, item.kept) for item in examples] == [
        ("no jo.doe@example.com", "no <scrubbed>")
    ]
    asked += [text for item in examples for text in (item.text, item.kept)]
    asked += [approval.by for approval in page.history] + [page.mark, page.state, *page.needed]

    text, told = page_text(page), json.dumps(page_json(page))
    rendered = "\n".join(
        "".join(child.content for child in token.children or ())
        for token in MarkdownIt("commonmark").enable("table").parse(markdown(page))
    )

    assert [words for words in asked if words not in text] == []
    assert [words for words in asked if words not in rendered] == []
    assert [words for words in asked if json.dumps(words)[1:-1] not in told] == []
