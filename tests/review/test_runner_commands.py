"""No command prints a line that the runner which reads it along would take for a command."""

from __future__ import annotations

import io
import json
import re
import shutil
import unicodedata
from contextlib import redirect_stdout

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from review_work import DAY, EVENT, Work, declarant

from declarant_codegen.printing import inert, say_json

#: What each runner reads as a command: GitHub's two forms, and that of Azure Pipelines.
COMMAND = re.compile(r"^\s*::|##\[|##vso\[", re.IGNORECASE)
HOSTILE = [
    "##vso[task.setvariable variable=PATH]/x",
    "##VSO[task.complete result=Failed;]x",
    "###[add-path]/x",
    "::error::x",
    "\u3000::stop-commands::x",
    "#\u0301#\u200b[x]y",
    "\u00ad :\x07:error::x",
]
MARKS = st.text(
    st.sampled_from(":#[v s\n\ra\u0301\u200b\u3000\u3164"), max_size=12
) | st.sampled_from(HOSTILE)
NO_WEIGHT = ("Cc", "Cf", "Cn", "Mc", "Me", "Mn")
LETTERS = "\u0640\u07fa\u115f\u1160\u180a\u1cd3\u3164\ufe73\uffa0"


def weighed(line: str) -> str:
    """Return what a comparison by the rules of a culture sees of a line."""
    return "".join(
        letter
        for letter in line
        if letter in "\t\v\f\x85"
        or not (unicodedata.category(letter) in NO_WEIGHT or letter in LETTERS)
    )


def commands(text: str) -> list[str]:
    return [line for line in re.split(r"\r\n|\r|\n", text) if COMMAND.search(weighed(line))]


@given(st.lists(MARKS, max_size=4).map("\n".join) | st.text())
@example("##\n[")
@example("x\r::y")
def test_printed_text_holds_no_command(text: str) -> None:
    """Whatever is printed has none, and what had none is printed as it is."""
    assert commands(inert(text)) == []
    assert bool(commands(text)) is (inert(text) != text)


@given(st.dictionaries(MARKS, MARKS | st.lists(MARKS)))
def test_printed_json_reads_back(value: object) -> None:
    """A document has none either, and holds the same."""
    out = io.StringIO()
    with redirect_stdout(out):
        say_json(value)

    assert commands(out.getvalue()) == []
    assert json.loads(out.getvalue()) == value


@pytest.fixture
def hostile(work: Work) -> Work:
    """A catalogue of such texts, approved by somebody who is called so, generated, and edited."""
    words = HOSTILE[0]
    shutil.copytree(work.schemas, work.folder / "before")
    work.policy(rest=[f"role {words}"])
    work.edit(
        "catalogue.json",
        lambda it: (
            it.update(display_name=words)
            or it["consent"].update(notice=dict.fromkeys(it["consent"]["notice"], words))
        ),
    )
    work.event(description=words, x_purpose=f"To know {words}", x_owners=[f"owner {words}"])
    shared = {"description": words, "x-notice": "usage"}
    low = {**shared, "x-class": "low", "type": "string"}
    work.field("choice", {**low, "enum": [words, HOSTILE[1]]})
    work.field("fixed", {**low, "const": words})
    form = {**shared, "type": "string", "x-class": "middle"}
    work.field("form", {**form, "pattern": r"^##vso\[task[.]x\]y$"})
    work.approve("--all", by=f"A {words}", role=f"role {words}")
    assert declarant("generate").code == 0
    place = work.folder / "generated/README.md"
    place.write_text(place.read_text("utf-8") + "\n::error::x\n##vso[a]b\n", "utf-8")
    return work


PAGES = [
    *(["review", subject, "--format", form] for subject in ("SampleOpened", "ext.os", "catalogue")
      for form in ("text", "markdown", "json")),
    *(["diff", "before", "--format", form] for form in ("text", "markdown", "json")),
    *(["diff", "schemas", "--schemas", "before", "--format", form] for form in ("text", "json")),
]  # fmt: skip
OTHERS = [
    ["inventory"],
    ["inventory", "--json"],
    *(["check", "--full", "--today", DAY, "--format", form] for form in ("text", "json", "sarif")),
    ["approve", "catalogue", "--by", "##vso[x]y", "--role", "::a", "--reference", "##[x]"],
    ["review", "##vso[x]y"],
]


@pytest.mark.once
@pytest.mark.usefixtures("hostile")
def test_no_output_holds_a_command() -> None:
    """In any form of any command; a page and a difference say what stands there all the same."""
    for words in (*PAGES, *OTHERS):
        ran = declarant(*words)

        assert commands(ran.out + "\n" + ran.err) == [], words
        assert ran.out or ran.err
        assert words in OTHERS or "u0023vso" in ran.out or "\\#\\#vso" in ran.out, words


@pytest.mark.once
def test_no_finding_holds_a_command(work: Work) -> None:
    """Nor what is found wrong with such a text."""
    work.edit(EVENT, lambda it: it["properties"].update({"##vso[a]b": {"::x": "##[y]"}}))

    ran = declarant("check", "--today", DAY)

    assert ran.code == 1
    assert "FIELD_NAME_FORM" in ran.out
    assert commands(ran.out + "\n" + ran.err) == []
