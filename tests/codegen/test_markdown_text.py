"""Schema text as Markdown, judged by a Markdown parser that is not ours."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from declarant_codegen.markdown_text import code_span, displayed, markdown, paragraph, table_row

PARSER = MarkdownIt("commonmark").enable("table")
MARKS = "\\`*_{}[]()<>#+-=.!|~&:\"'$@^/0123456789 \n\tabwx\u202e\ud800é漢"
NASTY = [
    "1. one\n2) two",
    "- item\n+ item\n* item",
    "# heading\n===\n---",
    "a | b \\| c \\\\| d",
    "`code` ``more`` \\`",
    "<script>alert(1)</script> <!-- --> <?php ?> &amp; &#124; &copy",
    "[a](javascript:b) ![c](d) [e]: f <https://g.example>",
    "https://h.example www.i.example j@k.example",
    "> quote\n    code\n```\nfence\n```",
    "$x$ :smile: @name [^1] [ ] ~~gone~~ __bold__ ==mark==",
    "{{ view.title }} {% raw %}",
    "ends with a backslash\\",
    "\u202e\u2066 \u200b\ufeff\x00\x1b[31m \ud800",
]
TEXTS = st.one_of(
    st.sampled_from(NASTY), st.text(st.sampled_from(MARKS), max_size=24), st.text(max_size=30)
).filter(displayed)


def inline(source: str) -> list[tuple[str, str]]:
    """Return the (type, text) of everything inline in *source*, neighbouring texts joined."""
    found: list[tuple[str, str]] = []
    for token in PARSER.parse(source):
        joined: list[tuple[str, str]] = []
        for child in token.children or ():
            if joined and child.type == joined[-1][0] == "text":
                joined[-1] = ("text", joined[-1][1] + child.content)
            elif child.content or child.type != "text":
                joined.append((child.type, child.content))
        found += joined
    return found


def blocks(source: str) -> list[str]:
    return [token.type for token in PARSER.parse(source)]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_markdown_is_one_text(text: str) -> None:
    """Inside a paragraph any text is that text and nothing else."""
    source = f"Purpose: {markdown(text)}"

    assert blocks(source) == ["paragraph_open", "inline", "paragraph_close"]
    assert inline(source) == [("text", f"Purpose: {displayed(text)}")]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example("1. one")
@example("0) none")
@example("- x")
@example("= x")
def test_paragraph_starts_nothing(text: str) -> None:
    """At the start of a paragraph or of an item any text is that text."""
    made = paragraph(text)

    assert blocks(made) == ["paragraph_open", "inline", "paragraph_close"]
    assert inline(made) == [("text", displayed(text))]
    assert blocks(f"- {made}") == [
        *("bullet_list_open", "list_item_open", "paragraph_open", "inline"),
        *("paragraph_close", "list_item_close", "bullet_list_close"),
    ]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example("`")
@example("a\\|b")
def test_code_span_is_one_code(text: str) -> None:
    """A code span shows its text letter for letter."""
    assert inline(f"see {code_span(text)} there") == [
        ("text", "see "),
        ("code_inline", displayed(text)),
        ("text", " there"),
    ]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=3))
def test_rows_have_their_cells(rows: list[tuple[str, str]]) -> None:
    """A table has as many rows and cells as were given, each with its text."""
    lines = [table_row((markdown(prose), code_span(code))) for prose, code in rows]

    source = "\n".join(("| a | b |", "| --- | --- |", *lines))

    expected = [("text", "a"), ("text", "b")]
    for prose, code in rows:
        expected += [("text", displayed(prose)), ("code_inline", displayed(code))]
    assert inline(source) == expected
    assert blocks(source).count("tr_open") == 1 + len(rows)


def test_bare_links_and_mentions_are_escaped() -> None:
    """What GitHub turns into links without any mark of Markdown is kept from it."""
    made = markdown("see https://a.example, www.b.example, me@c.example and :smile:")

    assert made == "see https\\://a.example, www\\.b.example, me\\@c.example and \\:smile:"


def test_what_cannot_be_seen_is_shown() -> None:
    """Bidirectional controls, terminal controls and broken text are visible escapes."""
    assert displayed("a\u202eb \x1b[0m \ud800\n c") == "a\\u202eb \\u001b[0m \\ud800 c"
