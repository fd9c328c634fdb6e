"""Findings in the forms that machines read."""

from __future__ import annotations

import io
import json
import re
import shutil
import string
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from declarant_codegen.findings import Finding, make_finding
from declarant_codegen.printing import inert
from declarant_codegen.reports import FORMATS, make_report
from declarant_codegen.rules import RULES, Severity

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
SARIF = Draft4Validator(
    json.loads((TESTS / "data/sarif/sarif-schema-2.1.0.json").read_text("utf-8"))
)

#: What schema text may try on the runner that reads our output.
HOSTILE = [
    "##vso[task.setvariable variable=PATH]/x",
    "##[add-path]/x",
    "::add-path::/x",
    "  ::error::",
    "100% a,b:c;d]e%0A%25%3B",
    "a\r\n::error::b",
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(string.printable + "é\u2028", max_size=40))
findings = st.builds(
    Finding,
    path=texts.map(lambda text: "schemas/a" + re.sub(r"[/.\\]", "_", text)),
    line=st.integers(1, 9999),
    severity=st.sampled_from(Severity),
    rule_id=st.sampled_from(sorted(RULES)),
    message=texts,
)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a catalogue that has faults, two folders down."""
    shutil.copytree(ROOT / "schemas", tmp_path / "product/my schemas")
    catalogue = tmp_path / "product/my schemas/catalogue.json"
    catalogue.write_text(catalogue.read_text().replace("modelkit_events", "json"))
    event = tmp_path / "product/my schemas/events/model_kit_action.schema.json"
    event.write_text(event.read_text().replace('"x-level": "optional"', '"x-level": "must"'))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def declarant(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "declarant.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def told(form: str, items: list[Finding], *, note: str = "") -> str:
    """Return what a report prints to standard output, and to standard error after it."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        report = make_report(form, command="check", schemas=Path("schemas"))
        report.show(items)
        if note:
            report.note(note)
        report.close()
    return out.getvalue() + err.getvalue()


def lines(text: str) -> list[str]:
    """Return lines as a runner sees them; both also end a line at a lone carriage return."""
    return re.split(r"\r\n|\r|\n", text.removesuffix("\n"))


def github_command(line: str) -> tuple[str, dict[str, str], str] | None:
    """Read a workflow command as the runner does."""
    line = line.lstrip()
    if not line.startswith("::") or "::" not in line[2:]:
        assert "##[" not in line
        return None
    head, _, data = line[2:].partition("::")
    name, _, rest = head.partition(" ")
    properties = {}
    for pair in filter(None, rest.split(",")):
        key, _, value = pair.partition("=")
        for code, mark in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            value = value.replace(code, mark)
        properties[key.strip()] = value
    for code, mark in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        data = data.replace(code, mark)
    return name, properties, data


def azure_command(line: str) -> tuple[str, dict[str, str], str] | None:
    """Read a logging command as the agent does."""
    start = line.lower().find("##vso[")
    if start < 0:
        return None
    head, _, data = line[start + 6 :].partition("]")
    name, _, rest = head.partition(" ")
    codes = (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%"))
    properties = {}
    for pair in filter(None, rest.split(";")):
        key, _, value = pair.partition("=")
        for code, mark in codes:
            value = value.replace(code, mark)
        properties[key] = value
    for code, mark in codes:
        data = data.replace(code, mark)
    return name, properties, data


@settings(deadline=None)
@given(st.lists(findings, max_size=3), texts)
def test_github_reads_what_was_meant(items: list[Finding], note: str) -> None:
    """Each finding is one command that decodes to it, and no other line is a command."""
    seen = [github_command(line) for line in lines(told("github", items, note=note))]

    assert [command for command in seen if command] == [
        (
            item.severity.value,
            {"title": item.rule_id, "file": inert(item.path), "line": str(item.line)},
            f"{inert(item.path)}:{item.line}: {item.rule_id}: {inert(item.message)}",
        )
        for item in items
    ]


@settings(deadline=None)
@given(st.lists(findings, max_size=3), texts)
def test_azure_reads_what_was_meant(items: list[Finding], note: str) -> None:
    """Each finding is one command that decodes to it, and no other line is a command."""
    seen = [azure_command(line) for line in lines(told("azure", items, note=note))]

    # The agent decodes ";" and "]" in a message too, though nobody encodes them there.
    assert [command for command in seen if command] == [
        (
            "task.logissue",
            {
                "type": item.severity.value,
                "sourcepath": inert(item.path),
                "linenumber": str(item.line),
                "code": item.rule_id,
            },
            inert(item.message),
        )
        for item in items
    ]


@settings(deadline=None)
@given(st.lists(findings, min_size=1, max_size=3))
def test_no_form_commands_the_other_runner(items: list[Finding]) -> None:
    """Whichever runner reads along, a finding's text is no command to it."""
    for line in lines(told("github", items)):
        assert azure_command(line) is None
        assert "##[" not in line
    for line in lines(told("azure", items)):
        assert line.lower().count("##vso[") == 1
        assert github_command(line) is None


@pytest.mark.parametrize("form", ["json", "sarif"])
@settings(deadline=None)
@given(items=st.lists(findings, max_size=3), note=texts)
def test_documents_hold_no_command(form: str, items: list[Finding], note: str) -> None:
    """A document that is printed in a CI run is read by its runner too."""
    for line in lines(told(form, items, note=note)):
        assert github_command(line) is None
        assert azure_command(line) is None


@settings(deadline=None)
@given(st.lists(findings, max_size=4))
def test_json_holds_every_finding(items: list[Finding]) -> None:
    """The document says what the findings say."""
    document = json.loads(told("json", items))

    assert [
        Finding(
            path=item["path"],
            line=item["line"],
            severity=Severity(item["severity"]),
            rule_id=item["rule"],
            message=item["message"],
        )
        for item in document["findings"]
    ] == items
    assert document["errors"] + document["warnings"] == len(items)


@settings(deadline=None)
@given(st.lists(findings, max_size=4))
def test_sarif_follows_its_published_schema(items: list[Finding]) -> None:
    """Whatever is found, the log is valid SARIF 2.1.0."""
    validate_sarif(json.loads(told("sarif", items)))


def validate_sarif(log: dict[str, Any]) -> None:
    assert log["$schema"] == SARIF.schema["id"]
    assert [error.message for error in SARIF.iter_errors(log)] == []


def test_a_wrong_log_does_not_follow_the_schema() -> None:
    """The schema used above judges."""
    log = json.loads(told("sarif", [make_finding("TYPE_MISSING", "schemas/a.json", 1, "x")]))
    log["runs"][0]["results"][0]["level"] = "fatal"

    with pytest.raises(AssertionError):
        validate_sarif(log)


def results(items: list[Finding]) -> list[dict[str, Any]]:
    log = json.loads(told("sarif", items))
    return log["runs"][0]["results"]  # type: ignore[no-any-return]


def test_sarif_uris_are_relative_and_encoded() -> None:
    """A path becomes a URI reference below the root of the checkout."""
    result = results([make_finding("FILE_LINK", "schemas/a b#%.json", 3, "x")])[0]

    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "schemas/a%20b%23%25.json", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3},
    }


def test_sarif_fingerprints_outlive_moved_lines() -> None:
    """The same finding lower in the file is the same alert; two equal ones are two."""

    def prints(*where: int) -> list[str]:
        return [
            result["partialFingerprints"]["declarant/v1"]
            for result in results(
                [
                    make_finding(
                        "JSON_DUPLICATE_KEY", "schemas/a.json", line, f"(first on line {line - 1})"
                    )
                    for line in where
                ]
            )
        ]

    assert prints(4) == prints(9)
    assert prints(9)[0] == prints(4, 9)[0]
    assert len(set(prints(4, 9))) == 2


def test_sarif_braces_open_no_placeholder() -> None:
    """Braces are doubled, as SARIF's messages need them."""
    result = results([make_finding("PATTERN_UNSAFE", "schemas/a.json", 1, "^a{1,2}$ {0}")])[0]

    assert result["message"]["text"] == "^a{{1,2}}$ {{0}}"


def test_paths_lead_from_the_working_directory(work: Path) -> None:
    """A machine can open what a finding names, wherever the catalogue lies."""
    ran = declarant("check", "--schemas", "product/my schemas", "--format", "json")

    paths = {item["path"] for item in json.loads(ran.stdout)["findings"]}
    assert paths == {
        "product/my schemas/catalogue.json",
        "product/my schemas/events/model_kit_action.schema.json",
    }
    assert all((work / path).is_file() for path in paths)


@pytest.mark.parametrize("command", ["check", "generate"])
@pytest.mark.parametrize("form", FORMATS)
def test_every_form_of_both_commands(work: Path, command: str, form: str) -> None:
    """Each form names the rule and leaves the exit code as it is."""
    schemas = "product/my schemas"
    ran = declarant(command, "--schemas", schemas, "--format", form)

    assert ran.returncode == 1
    assert "PACKAGE_NAME" in ran.stdout
    assert "2 errors, 0 warnings; " in (ran.stderr if form in ("json", "sarif") else ran.stdout)
    if form == "sarif":
        validate_sarif(json.loads(ran.stdout))


def test_drift_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not current is told under a rule, with the command that mends it."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "schemas", "schemas")
    shutil.copytree(ROOT / "generated", "made")
    Path("made/README.md").unlink()

    ran = declarant("check", "--out", "made", "--format", "github")

    assert ran.returncode == 1
    assert ran.stdout == (
        "::error title=DRIFT_MISSING,file=made/README.md,line=1::made/README.md:1: DRIFT_MISSING: "
        "expected the file that the schemas make, found none; run `declarant generate --out made`\n"
        "1 file not current\n"
    )


@pytest.mark.parametrize("form", FORMATS)
def test_a_run_that_could_not_be_says_so(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a catalogue the exit code is 2, and a document is still a document."""
    monkeypatch.chdir(tmp_path)

    ran = declarant("check", "--format", form)

    assert ran.returncode == 2
    assert "expected a folder of schemas, found none" in ran.stderr
    if form == "json":
        assert "expected a folder of schemas" in json.loads(ran.stdout)["failure"]
    elif form == "sarif":
        log = json.loads(ran.stdout)
        validate_sarif(log)
        assert log["runs"][0]["invocations"][0]["executionSuccessful"] is False
    else:
        assert ran.stdout == ""


def test_the_environment_chooses_no_form(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a CI runner text stays text."""
    plain = declarant("check", "--schemas", "product/my schemas").stdout
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("TF_BUILD", "True")

    assert declarant("check", "--schemas", "product/my schemas").stdout == plain
