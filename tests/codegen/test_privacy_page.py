"""The privacy page, the README's section and the notice: complete, true, safe from their texts."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from declarant import _ci, _device, _device_registry, _limits, _paths, _settings, gencode
from declarant_codegen import load_catalogue, telemetry_words
from declarant_codegen.field_rows import event_rows, ext_row, used_lines
from declarant_codegen.markdown_text import displayed
from declarant_codegen.never_lines import NeverLine
from declarant_codegen.notice_text import COLUMNS, notice_view, width_of
from declarant_codegen.privacy_page import privacy_view
from declarant_codegen.render import render
from declarant_codegen.sensitivity import SENSITIVITIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant_codegen.model import Catalogue, Event, ExtField

_spec = importlib.util.spec_from_file_location("zoo", Path(__file__).with_name("zoo.py"))
assert _spec is not None
assert _spec.loader is not None
zoo = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zoo)

ROOT = Path(__file__).parents[2]
PARSER = MarkdownIt("commonmark").enable("table")
PAGES = ("PRIVACY.md.jinja", "README-telemetry.md.jinja")
NASTY = [
    "1. one\n2. two",
    "- item | cell \\| cell",
    "# heading\n\n===\n",
    "```\nfence\n```",
    "<script>alert(1)</script> <!-- --> &amp;",
    "[a](javascript:b) ![c](d) https://e.example",
    "{{ view.title }} {% for x in y %} {# z #}",
    "ends with \\",
    "\u202e\u2066\x1b[31m\ud800",
    "`" * 5,
    "漢字" * 60,
    "w" * 200,
    "e\u0301\u200d\U0001f468\u200d\U0001f469" * 20,
]
TEXTS = st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=40)).filter(displayed)
MARK = "QXQ"


@pytest.fixture(scope="module")
def modelkit() -> Catalogue:
    """ModelKit's own catalogue."""
    catalogue = load_catalogue(ROOT / "schemas").catalogue
    assert catalogue is not None
    return catalogue


@pytest.fixture(scope="module")
def with_text(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Catalogue]:
    """A catalogue of every kind of field with a text wherever an author writes words."""
    folder = tmp_path_factory.mktemp("page")
    events = {"model_kit_mixed": zoo.zoo_events()["model_kit_mixed"]}
    made = zoo.load(zoo.write_catalogue(folder, events, package="zoo_events"))
    return lambda text: _with_text(made, text)


def _with_text(catalogue: Catalogue, text: str) -> Catalogue:
    return dataclasses.replace(
        catalogue,
        display_name=text,
        notice=dict.fromkeys(catalogue.notice, text),
        never=(NeverLine(line=text, names=("x",), removed_by=()),) * 2,
        controls={"off": text, "see": text, "delete": text},
        events=tuple(_event_with(event, text) for event in catalogue.events),
        ext={
            slot: tuple(_ext_with(field, text) for field in fields)
            for slot, fields in catalogue.ext.items()
        },
    )


def _event_with(event: Event, text: str) -> Event:
    return dataclasses.replace(
        event,
        description=text,
        purpose=text,
        owners=(text, text),
        expires=text,
        fields=tuple(
            dataclasses.replace(field, schema=_described(field.schema, text))
            for field in event.fields
        ),
    )


def _ext_with(field: ExtField, text: str) -> ExtField:
    return dataclasses.replace(field, schema=_described(field.schema, text))


def _described(schema: Any, text: str) -> Any:
    changed = {**schema, "description": text, "x-unit": text, "x-reason": text}
    if "properties" in schema:
        inner = schema["properties"]
        changed["properties"] = {name: _described(child, text) for name, child in inner.items()}
    if "items" in schema:
        changed["items"] = _described(schema["items"], text)
    return changed


def tree(source: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return every block's type, tag and inline content, neighbouring texts joined."""
    found = []
    for token in PARSER.parse(source):
        inside: list[tuple[str, str]] = []
        for child in token.children or ():
            if inside and child.type == inside[-1][0] == "text":
                inside[-1] = ("text", inside[-1][1] + child.content)
            else:
                inside.append((child.type, child.content))
        content = token.content if token.type in ("html_block", "fence", "code_block") else ""
        found.append((f"{token.type} {content}", token.tag, inside))
    return found


@pytest.mark.parametrize("template", PAGES)
@settings(max_examples=40, deadline=None)
@given(text=TEXTS)
def test_no_text_changes_the_pages_structure(
    with_text: Callable[[str], Catalogue], template: str, text: str
) -> None:
    """Whatever authors write, the page parses to the tree that plain words give it."""
    plain = tree(render(template, privacy_view(with_text(MARK))))
    expected = [
        (kind, tag, [(type_, part.replace(MARK, displayed(text))) for type_, part in inside])
        for kind, tag, inside in plain
    ]

    hostile = render(template, privacy_view(with_text(text)))

    assert tree(hostile) == expected
    assert all(letter.isprintable() or letter == "\n" for letter in hostile)


@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_the_notice_fits_a_terminal(with_text: Callable[[str], Catalogue], text: str) -> None:
    """No line is wider than 80 columns, nothing invisible is printed, and no word is lost."""
    catalogue = with_text(text)

    made = render("NOTICE.txt.jinja", notice_view(catalogue))

    lines = made.splitlines()
    assert max(map(width_of, lines)) <= COLUMNS
    assert all(letter.isprintable() or letter == "\n" for letter in made)
    assert lines[-1] == "Agree? [Y/n]"
    shown = displayed(text).replace(" ", "")
    times = 1 + len(used_lines(catalogue)) + 2
    assert "".join(made.split()).count(shown) >= times


def rows_of(source: str) -> list[list[str]]:
    """Return the cells of every table row in a page, as a reader sees them."""
    rows: list[list[str]] = []
    for token in PARSER.parse(source):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows and token.level >= 4:
            rows[-1].append("".join(child.content for child in token.children or ()))
    return rows


def test_every_value_is_on_the_page(modelkit: Catalogue) -> None:
    """Each value of each event and of the context has its row: meaning, unit, class and line."""
    rows = {row[0]: row for row in rows_of((ROOT / "generated/PRIVACY.md").read_text("utf-8"))}
    numbers = {key: str(number) for number, key in enumerate(used_lines(modelkit), 1)}

    for event in modelkit.events:
        for row in event_rows(event):
            _, meaning, values, *facts = rows[row.place]
            assert meaning.startswith(row.description)
            assert values == row.plain_values
            assert facts == [
                row.schema.get("x-unit", "-"),
                row.sensitivity.replace("_", " "),
                numbers[row.notice or ""],
            ]
    for fields in modelkit.ext.values():
        for field in fields:
            row = ext_row(field)
            cells = rows[f"ext.{row.place}"]
            assert cells[2] == telemetry_words.SOURCES[field.source]
            assert cells[-1] == numbers[row.notice or ""]


def test_every_event_is_on_the_page(modelkit: Catalogue) -> None:
    """Each event stands there with purpose, level, retention and expiry."""
    page = (ROOT / "generated/PRIVACY.md").read_text("utf-8")

    for event in modelkit.events:
        section = page.partition(f"### {event.name}\n")[2].partition("\n#")[0]
        assert f"- Purpose: {event.purpose}\n" in section
        assert f"- Level: {event.level} diagnostic data\n" in section
        assert f"- Retention: {event.retention_days} days\n" in section
        assert f"- Expires: {event.expires}\n" in section


def test_the_package_has_page_and_notice() -> None:
    """What the running program shows is what is published."""
    for name in ("PRIVACY.md", "NOTICE.txt"):
        published = (ROOT / "generated" / name).read_bytes()
        assert (ROOT / "generated/modelkit_events" / name).read_bytes() == published


def test_a_line_without_a_field_is_not_told(modelkit: Catalogue) -> None:
    """Each line of the notice follows from fields that declare it."""
    fewer = dataclasses.replace(
        modelkit, events=tuple(event for event in modelkit.events if event.name != "ModelKitError")
    )

    assert "errors" in used_lines(modelkit)
    assert "errors" not in used_lines(fewer)
    items = [line for line in notice_view(fewer).covered if line.startswith("  - ")]
    assert len(items) == len(used_lines(modelkit)) - 1


def test_data_without_identifiers_is_not_called_pseudonymous(modelkit: Catalogue) -> None:
    """The word follows from what events carry."""
    bare = dataclasses.replace(
        modelkit, events=tuple(dataclasses.replace(item, slots=("os",)) for item in modelkit.events)
    )

    assert "pseudonymous" in telemetry_words.pseudonymity(modelkit)
    assert "pseudonymous" not in telemetry_words.pseudonymity(bare)
    assert "No event holds an identifier." in render("PRIVACY.md.jinja", privacy_view(bare))


def test_the_offered_answer_is_the_catalogues(modelkit: Catalogue) -> None:
    """Accept by default is ``[Y/n]``, refuse by default ``[y/N]``."""
    refusing = dataclasses.replace(modelkit, consent_default=False)

    assert notice_view(modelkit).answers == "[Y/n]"
    assert notice_view(refusing).answers == "[y/N]"


def test_words_about_the_runtime_are_true(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Bounds, files, variables and sources are those of the runtime that ships."""
    assert telemetry_words.STORE_MEBIBYTES * 2**20 == _limits.STORE_BYTES
    assert telemetry_words.STORE_DAYS * 86_400 == _limits.STORE_AGE_S
    assert telemetry_words.DEVICE_ID_FILE == _device.FILE
    assert telemetry_words.SOURCES.keys() == gencode.SOURCES.keys()
    names = [name.replace("_", " ") for name in SENSITIVITIES]
    assert list(telemetry_words.CLASSES) == names
    for product in ("modelkit", "a-b_c9"):
        made = telemetry_words.endpoint_variable(product)
        assert made == _settings.endpoint_variable(product)
        own = _settings.telemetry_variable(product)
        settings = (f"{telemetry_words.OFF_VARIABLE}=1", f"{own}=0", f"{own}_OPTOUT=1")
        assert telemetry_words.off_variables(product) == settings
        registry = f"HKEY_CURRENT_USER\\{_device_registry._KEY}{product}"
        assert telemetry_words.device_id_key(product) == registry
    assert set(telemetry_words.CI_VARIABLES) <= _ci._ANY


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="needs Linux, whose folder this is"
)
def test_the_folder_is_the_runtimes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The page names the folder in which events really wait, with and without the variable."""
    (_, text), *_ = telemetry_words.store_places("modelkit")
    with_variable, without = text.split(", or ")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert _paths.store_folder("modelkit") == os.path.expandvars(with_variable)
    monkeypatch.delenv("XDG_STATE_HOME")
    assert _paths.store_folder("modelkit") == str(Path(without).expanduser())


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="needs Linux, whose files these are"
)
@pytest.mark.parametrize("file", ["", ".winml/config.json"])
def test_the_files_of_consent_are_the_runtimes(
    modelkit: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str
) -> None:
    """The page names the files in which answer and policy really lie."""
    catalogue = dataclasses.replace(modelkit, consent_file=file)
    (_, text), *_ = telemetry_words.answer_places(catalogue)
    (_, policy), *_ = telemetry_words.policy_places("modelkit")

    assert _paths.policy_file("modelkit") == policy
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with_variable, _, without = text.partition(", or ")
    found = _paths.consent_file("modelkit", file)
    assert found == os.path.expandvars(str(Path(with_variable).expanduser()))
    if without:
        monkeypatch.delenv("XDG_CONFIG_HOME")
        assert _paths.consent_file("modelkit", file) == str(Path(without).expanduser())


def test_what_administrators_see_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of macOS and Windows, by the platform's name."""
    places = dict(telemetry_words.policy_places("modelkit"))

    monkeypatch.setattr(sys, "platform", "darwin")
    assert _paths.policy_file("modelkit") == places["macOS"]
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("ProgramData", "%ProgramData%")
    assert _paths.policy_file("modelkit").replace("/", "\\") == places["Windows"]


def test_the_other_systems_folders_are_platformdirs(
    modelkit: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On macOS and Windows the page names what platformdirs answers there."""
    from platformdirs.macos import MacOS

    monkeypatch.delenv("XDG_STATE_HOME")
    places = dict(telemetry_words.store_places("modelkit"))

    mac = Path(MacOS("modelkit", appauthor=False).user_state_dir, "telemetry")
    assert str(Path(places["macOS"]).expanduser()) == str(mac)
    assert places["Windows"] == "%LOCALAPPDATA%\\modelkit\\telemetry"
    answers = dict(telemetry_words.answer_places(dataclasses.replace(modelkit, consent_file="")))
    mac = Path(MacOS("modelkit", appauthor=False).user_config_dir, "telemetry.json")
    assert str(Path(answers["macOS"]).expanduser()) == str(mac)
    assert answers["Windows"] == "%LOCALAPPDATA%\\modelkit\\telemetry.json"


def test_the_manifest_has_the_never_lines() -> None:
    """The build's inventory says what was promised."""
    manifest = json.loads((ROOT / "generated/manifest.json").read_text("utf-8"))
    catalogue = json.loads((ROOT / "schemas/catalogue.json").read_text("utf-8"))

    lines = [item["line"] for item in catalogue["consent"].get("never", [])]
    assert [item["line"] for item in manifest["consent"]["never"]] == lines
