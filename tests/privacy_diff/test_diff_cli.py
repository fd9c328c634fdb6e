"""The command `diff`: folders, git revisions, formats, exit codes."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from declarant.scrub import SCRUBBERS
from declarant_codegen.diff_cli import add_diff_arguments, run_diff
from declarant_codegen.diff_inputs import load_both

SCHEMAS = Path(__file__).parents[2] / "schemas"
ACTION = "events/model_kit_action.schema.json"
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture
def schemas(tmp_path, monkeypatch):
    """A copy of ModelKit's catalogue, in the working directory."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    return Path(shutil.copytree(SCHEMAS, tmp_path / "schemas"))


def git(*arguments):
    """Run git as nobody, without anybody's settings."""
    settings = ("user.name=nobody", "user.email=nobody@example.com", "commit.gpgsign=false")
    options = [part for setting in settings for part in ("-c", setting)]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *options, *arguments], check=True, capture_output=True, env=environment)


@pytest.fixture
def repository(schemas):
    """The same, committed."""
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return schemas


def edit(folder, key, change):
    """Change a file's parsed value."""
    path = folder / key
    value = json.loads(path.read_text("utf-8"))
    change(value)
    path.write_text(json.dumps(value, indent=2), "utf-8")


def lengthen(value):
    value["properties"]["device"]["pattern"] = "^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$"


def run(*arguments):
    """Run the command in this process; return its exit code."""
    parser = argparse.ArgumentParser()
    add_diff_arguments(parser)
    return run_diff(parser.parse_args(arguments))


def test_a_folder_is_compared(schemas, capsys):
    """What widens is printed, and fails."""
    edit(schemas, ACTION, lengthen)

    assert run(str(SCHEMAS)) == 1
    told = capsys.readouterr()
    assert told.out.startswith("ModelKitAction.device: values changed\n")
    assert told.out.endswith("0 breaking for callers, 1 breaking for readers\n")
    assert told.err == ""


def test_sameness_succeeds(schemas, capsys):
    """An unchanged catalogue has nothing to tell."""
    assert run(str(SCHEMAS)) == 0
    assert capsys.readouterr().out == "no change that matters for privacy, callers or readers\n"


def test_words_succeed(schemas, capsys):
    """A changed description is no change."""
    edit(schemas, ACTION, lambda value: value.update(description="Other words."))

    assert run(str(SCHEMAS)) == 0


def test_what_neither_widens_nor_breaks_succeeds(schemas, capsys):
    """A neutral change is shown, and passes."""
    edit(schemas, "catalogue.json", lambda value: value["consent"].update(version=2))

    assert run(str(SCHEMAS)) == 0
    assert capsys.readouterr().out.startswith("catalogue.consent_version:")


def test_scrubbers_are_told_with_their_versions(schemas, capsys):
    """A field that is scrubbed is told with the version of the runtime that ships."""

    def drop(value):
        value["properties"].pop("exception_message")
        value["required"].remove("exception_message")

    edit(schemas, "events/model_kit_error.schema.json", drop)

    assert run(str(SCHEMAS)) == 1
    assert f"scrubber message version {SCRUBBERS['message']}" in capsys.readouterr().out


def test_json_is_printed(schemas, capsys):
    """The JSON form is one document."""
    edit(schemas, ACTION, lengthen)

    assert run(str(SCHEMAS), "--format", "json") == 1
    value = json.loads(capsys.readouterr().out)
    assert [change["place"] for change in value["changes"]] == ["ModelKitAction.device"]


@needs_git
def test_the_last_commit_is_the_default(repository, capsys):
    """Without a base, the work tree is compared with HEAD."""
    assert run() == 0
    edit(repository, ACTION, lengthen)

    assert run() == 1
    assert "ModelKitAction.device: values changed" in capsys.readouterr().out


@needs_git
def test_a_revision_is_compared_from_anywhere_in_the_tree(repository, monkeypatch, capsys):
    """Branches, tags and older commits work, and paths are taken from the working directory."""
    git("tag", "old")
    edit(repository, ACTION, lengthen)
    git("commit", "-q", "-am", "second")
    (repository.parent / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(repository.parent / "deep" / "er")

    assert run("HEAD", "--schemas", "../../schemas") == 0
    assert run("HEAD~1", "--schemas", "../../schemas") == 1
    assert run("old", "--schemas", "../../schemas") == 1


@needs_git
def test_attributes_hide_nothing(repository, capsys):
    """Files that an archive would leave out are compared all the same."""
    (repository.parent / ".gitattributes").write_text("*.json export-ignore\n", "utf-8")
    git("add", ".")
    git("commit", "-q", "-m", "second")

    assert run() == 0


@needs_git
def test_a_missing_revision_is_named(repository, capsys):
    """What is neither a folder nor a revision could not be compared."""
    assert run("no-such-branch") == 2
    assert capsys.readouterr().err == (
        'declarant diff: expected a folder or a git revision, found "no-such-branch", which is '
        "neither; fetch it if it is of another clone, or mend its name\n"
    )


@needs_git
def test_an_option_is_no_revision(repository, capsys):
    """A base that looks like an option of git does not reach it as one."""
    assert run("--", "--all") == 2
    assert 'found "--all"' in capsys.readouterr().err


@pytest.mark.parametrize("base", ["", " "])
def test_an_empty_variable_is_no_folder(schemas, monkeypatch, capsys, base):
    """Of an empty word the working directory would be made, which may even be a catalogue."""
    monkeypatch.chdir(schemas)

    with pytest.raises(SystemExit) as ended:
        run(base, "--schemas", ".")

    assert ended.value.code == 2
    assert "found nothing; is a variable empty?" in capsys.readouterr().err


@needs_git
def test_a_revision_without_the_folder_is_named(repository, capsys):
    """A catalogue that is younger than the revision is told as such."""
    shutil.copytree(repository, repository.parent / "other")

    assert run("HEAD", "--schemas", "other") == 2
    assert capsys.readouterr().err.startswith(
        'declarant diff: other: expected this folder in the revision "HEAD", found none'
    )


@needs_git
def test_no_repository_is_told(schemas, capsys):
    """Outside of any repository, a folder must be named."""
    assert run("HEAD") == 2
    told = capsys.readouterr().err
    assert told.startswith(
        'declarant diff: expected "HEAD" to be a folder, or schemas to be inside'
    )
    assert "not a git repository" in told


def test_no_git_is_told(schemas, monkeypatch, capsys):
    """Without git, a folder must be named; folders need no git."""
    monkeypatch.setenv("PATH", str(schemas))

    assert run("HEAD") == 2
    assert "expected git" in capsys.readouterr().err
    assert run(str(SCHEMAS)) == 0


def test_no_schemas_are_told(tmp_path, monkeypatch, capsys):
    """A folder that is missing could not be compared."""
    monkeypatch.chdir(tmp_path)

    assert run(str(SCHEMAS)) == 2
    assert capsys.readouterr().err == (
        "declarant diff: schemas: expected a folder of schemas, found none\n"
    )


@pytest.mark.parametrize("side", ["base", "current"])
def test_a_faulty_catalogue_is_told(schemas, tmp_path, side, capsys):
    """A catalogue with errors could not be compared; its findings are shown."""
    other = Path(shutil.copytree(SCHEMAS, tmp_path / "other" / "schemas"))
    faulty = other if side == "base" else schemas
    edit(faulty, ACTION, lambda value: value["properties"]["device"].pop("pattern"))

    assert run(str(other)) == 2
    told = capsys.readouterr().err
    assert "STRING_UNBOUNDED" in told
    assert told.endswith(f"the {side} catalogue has errors, shown above; mend them first\n")


def test_only_changed_events_are_loaded(schemas):
    """Events that are the same on both sides are left out of both."""
    edit(schemas, ACTION, lengthen)

    sides = load_both(str(SCHEMAS), schemas)

    assert [[event.name for event in side.events] for side in sides] == [["ModelKitAction"]] * 2


def test_of_equal_catalogues_one_event_is_loaded(schemas):
    """A catalogue has at least one event, so that one is kept."""
    sides = load_both(str(SCHEMAS), schemas)

    assert [[event.name for event in side.events] for side in sides] == [["ModelKitAction"]] * 2


@needs_git
@pytest.mark.parametrize("hidden", [False, True])
def test_only_changed_events_of_a_revision_are_loaded(repository, hidden):
    """Git's own copies of unchanged events are left out as well, beside notes and hidden files."""
    if hidden:
        (repository / "events" / "notes.md").write_text("Notes.", "utf-8")
        (repository / ".hidden.json").write_text("{", "utf-8")
        git("add", ".")
        git("commit", "-q", "-m", "second")
    edit(repository, ACTION, lengthen)

    sides = load_both("HEAD", repository)

    assert [[event.name for event in side.events] for side in sides] == [["ModelKitAction"]] * 2


@needs_git
def test_a_faulty_revision_is_told_whole(repository, capsys):
    """What is wrong with a revision is told with the files that did not change since."""
    edit(repository, ACTION, lambda value: value["properties"]["device"].pop("pattern"))
    other = "events/model_kit_heartbeat.schema.json"
    edit(repository, other, lambda value: value.update({"x-retention-days": 0}))
    git("commit", "-q", "-am", "faulty")
    edit(repository, ACTION, lambda value: value["properties"]["device"].update(maxLength=9))

    assert run() == 2
    told = capsys.readouterr().err
    assert "model_kit_action.schema.json" in told
    assert "model_kit_heartbeat.schema.json" in told
    assert told.endswith("the base catalogue has errors, shown above; mend them first\n")


@pytest.mark.parametrize("name", ["notes.json", "events/notes.json", "more/a.schema.json"])
def test_what_the_loader_would_refuse_is_refused(schemas, name, capsys):
    """A file that belongs nowhere is told, though no event changed."""
    (schemas / name).parent.mkdir(exist_ok=True)
    (schemas / name).write_text("{}", "utf-8")

    assert run(str(SCHEMAS)) == 2
    assert "FILE_UNEXPECTED" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks for a right to make links")
def test_a_link_is_refused(schemas, capsys):
    """A link is not followed, even to the very same event."""
    (schemas / ACTION).unlink()
    (schemas / ACTION).symlink_to(SCHEMAS / ACTION)

    assert run(str(SCHEMAS)) == 2
    assert "FILE_LINK" in capsys.readouterr().err


@pytest.mark.parametrize("spelling", ["$ref", "\\u0024ref"])
def test_an_event_changes_with_a_definition_of_another_event(schemas, tmp_path, spelling, capsys):
    """A reference to another event's definition is followed, however it is written."""

    def refer(value):
        target = "../events/model_kit_error.schema.json#/$defs/frame"
        value["properties"]["frame"] = {
            "$ref": target,
            "description": "Where.",
            "x-class": "free_text",
            "x-notice": "usage",
        }

    edit(schemas, ACTION, refer)
    path = schemas / ACTION
    path.write_text(path.read_text("utf-8").replace('"$ref"', f'"{spelling}"'), "utf-8")
    base = shutil.copytree(schemas, tmp_path / "base" / "schemas")

    def widen(value):
        value["$defs"]["frame"]["properties"]["line"]["maximum"] += 1

    edit(schemas, "events/model_kit_error.schema.json", widen)

    assert run(str(base)) == 1
    out = capsys.readouterr().out
    assert "ModelKitAction.frame.line: values changed" in out
    assert "ModelKitError.exception_stack[].line: values changed" in out


def test_an_event_changes_with_a_common_definition(schemas, tmp_path, capsys):
    """A definition in common/ is part of every event that refers to it."""
    (schemas / "common").mkdir()
    shared = {
        "$schema": "../meta/types.v1.json",
        "description": "Shared.",
        "$defs": {"count": {"type": "integer", "minimum": 0, "maximum": 9}},
    }
    common = "common/shared.schema.json"
    (schemas / common).write_text(json.dumps(shared), "utf-8")

    def refer(value):
        value["properties"]["count"] = {
            "$ref": "../common/shared.schema.json#/$defs/count",
            "description": "How many.",
            "x-class": "low",
            "x-notice": "usage",
        }

    edit(schemas, ACTION, refer)
    base = shutil.copytree(schemas, tmp_path / "base" / "schemas")
    edit(schemas, common, lambda value: value["$defs"]["count"].update(maximum=10))

    assert run(str(base)) == 1
    assert "ModelKitAction.count: values changed" in capsys.readouterr().out


@pytest.mark.once
def test_the_module_starts_without_the_generator(schemas):
    """Neither arguments nor a comparison load what only generation needs."""
    code = (
        "import argparse, sys\n"
        "from declarant_codegen.diff_cli import *\n"
        "parser = argparse.ArgumentParser(); add_diff_arguments(parser)\n"
        "assert run_diff(parser.parse_args([sys.argv[1]])) == 0\n"
        "heavy = {'jinja2', 'datamodel_code_generator', 'jsonschema', 'requests', 'hypothesis'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(SCHEMAS)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def reword(value):
    value["description"] = "Other words\u2019 |`<b>`."
    value["properties"]["device"]["description"] = "The device."


def test_words_are_shown_and_judged_by_nobody(schemas, capsys):
    """Old and new texts, where they stand, in every form; the exit code is none of theirs."""
    was = json.loads((schemas / ACTION).read_text("utf-8"))
    edit(schemas, ACTION, reword)

    assert run(str(SCHEMAS), "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["changes"] == []
    assert told["words_not_compared"] == []
    rows = [
        (item["place"], item["keyword"], item["before"], item["after"]) for item in told["words"]
    ]
    device = was["properties"]["device"]["description"]
    new = "Other words\u2019 |`<b>`."
    assert rows == [
        ("ModelKitAction", "description", [was["description"]], [new]),
        ("ModelKitAction.device", "description", [device], ["The device."]),
    ]

    assert run(str(SCHEMAS)) == 0
    text = capsys.readouterr().out
    assert f'  before:  "{device}"\n  after:   "The device."\n' in text
    assert text.endswith("\nno change that matters for privacy, callers or readers\n")

    assert run(str(SCHEMAS), "--format", "markdown") == 0
    page = capsys.readouterr().out
    assert "- `ModelKitAction.device`: description\n" in page
    assert '  - After: "Other words\u2019 &#124;\\`&lt;b&gt;\\`."\n' in page


def test_markdown_has_what_is_judged_too(schemas, capsys):
    """Each change with its verdicts, and the counts."""
    edit(schemas, ACTION, lengthen)

    assert run(str(SCHEMAS), "--format", "markdown") == 1
    page = capsys.readouterr().out
    assert "- `ModelKitAction.device`: values changed\n" in page
    assert "  - Privacy: widening, because " in page
    assert "Words that changed" not in page
