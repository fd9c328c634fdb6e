"""Consent: every signal, their order, the file of the answer, and what a client makes of it."""

from __future__ import annotations

import itertools
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant import StoreError, _asking, _ci, _consent, _paths, consent, counts
from declarant._catalogue import Catalogue
from declarant._consent import parse, read_answer
from declarant._consent_words import WORDS
from declarant._consent_write import can_keep
from declarant._outcome import DropReason
from declarant._store import OfflineStore
from modelkit_events import CATALOGUE

CONSENT_OFF = DropReason.CONSENT_OFF


@pytest.fixture
def answer_file():
    """The file of the user's answer, in a home that nothing was made in yet."""
    return Path(os.environ["HOME"], ".winml", "config.json")


@pytest.fixture
def answer(answer_file):
    """Lay down an answer as another process would have."""

    def lay(said="granted", version=1, product="modelkit", **others):
        answer_file.parent.mkdir(parents=True, exist_ok=True)
        kept = {"telemetry": {product: {"consent": said, "version": version}}, **others}
        answer_file.write_text(json.dumps(kept))

    return lay


@pytest.fixture
def policy(tmp_path, monkeypatch):
    """Lay down a policy; /etc is not a test's to write to."""
    path = tmp_path / "etc" / "modelkit" / "telemetry-policy.json"
    monkeypatch.setattr(_paths, "policy_file", lambda product: str(path))

    def lay(text):
        path.parent.mkdir(parents=True)
        path.write_text(text)

    return lay


def version(number, **changes):
    """ModelKit's catalogue with another version of the notice."""
    names = set(Catalogue.__slots__) - {"client", "damage"}
    members = {name: getattr(CATALOGUE, name) for name in names}
    return Catalogue(**{**members, "consent_version": number, **changes})


# ---- the table

#: What makes each signal say off, in the order in which they are named as the one that decided.
OFF = {
    "source": {},
    "flag": {},
    "variable": {"MODELKIT_TELEMETRY": "0"},
    "do_not_track": {"DO_NOT_TRACK": "1"},
    "policy": {},
    "program": {},
    "answer": {},
    "ci": {"CI": "true"},
}
SETS = [names for size in range(len(OFF) + 1) for names in itertools.combinations(OFF, size)]


@pytest.mark.parametrize("names", SETS, ids=lambda names: "+".join(names) or "none")
def test_any_off_wins_and_the_first_of_them_is_named(names, monkeypatch, answer, policy):
    """All 256 sets of signals that say off, beside a stored yes and without one."""
    for name in names:
        for variable, value in OFF[name].items():
            monkeypatch.setenv(variable, value)
    answer("denied" if "answer" in names else "granted")
    if "policy" in names:
        policy('{"telemetry": false}')
    decision = "denied" if "program" in names else "stored"

    catalogue = version(1, off="source" in names)
    found = consent.resolve(catalogue, decision, disabled="flag" in names)

    # A program that says no does not ask for continuous integration, too.
    told = [name for name in names if name != "ci" or "program" not in names]
    assert [signal.name for signal in found.signals] == list(OFF)
    assert [s.name for s in found.signals if s.effect == "off"] == told
    assert found.decided_by.name == (told[0] if told else "answer")
    assert found.is_on is bool(found) is (not told)
    assert found.is_refused is ("answer" in names or "source" in names)
    assert not found.is_open


@pytest.mark.parametrize("names", SETS, ids=lambda names: "+".join(names) or "none")
def test_the_programs_own_yes_is_outvoted_by_all_but_ci(names, monkeypatch, answer, policy):
    """A host that has consent of its own may run in continuous integration, and nothing more."""
    for name in names:
        for variable, value in OFF[name].items():
            monkeypatch.setenv(variable, value)
    if "answer" in names:
        answer("denied")
    if "policy" in names:
        policy('{"telemetry": false}')

    catalogue = version(1, off="source" in names)
    found = consent.resolve(catalogue, "granted", disabled="flag" in names)

    told = [name for name in names if name not in ("ci", "program")]
    assert found.is_on is (not told)
    assert found.decided_by.name == (told[0] if told else "program")


@pytest.mark.parametrize(
    ("variable", "value", "is_off"),
    [
        *(("DO_NOT_TRACK", value, True) for value in ("1", "true", "YES", "on", " 1 ", "x", "2")),
        *(("DO_NOT_TRACK", value, False) for value in ("", " ", "0", "false", "No", "off")),
        *(("MODELKIT_TELEMETRY", value, True) for value in ("0", "false", "NO", "off", "Disabled")),
        # Neither on nor off: whoever sets that does not want to be sent.
        *(("MODELKIT_TELEMETRY", value, True) for value in ("log", "x", "2", "-")),
        *(
            ("MODELKIT_TELEMETRY", value, False)
            for value in ("", "1", "true", "Yes", "on", "enabled")
        ),
        *(("MODELKIT_TELEMETRY_OPTOUT", value, True) for value in ("1", "true", "x")),
        *(("MODELKIT_TELEMETRY_OPTOUT", value, False) for value in ("", "0", "false")),
        ("MODEL_KIT_TELEMETRY", "0", False),
    ],
)
@pytest.mark.parametrize("stored", [True, False])
def test_variables_switch_off_and_never_on(monkeypatch, answer, variable, value, is_off, stored):
    """With a yes on disk they can say off; without one nothing they say is on."""
    if stored:
        answer()
    monkeypatch.setenv(variable, value)

    assert consent.resolve(CATALOGUE).is_on is (stored and not is_off)
    assert consent.resolve(CATALOGUE, "granted").is_on is not is_off


NAMES = st.sampled_from(
    ["DO_NOT_TRACK", "MODELKIT_TELEMETRY", "MODELKIT_TELEMETRY_OPTOUT", "CI", "MODELKIT_CONSENT"]
)
VALUES = st.one_of(st.sampled_from(["", "0", "1", "on", "yes", "granted", "true"]), st.text())


@given(st.dictionaries(NAMES, VALUES.filter(lambda v: "\0" not in v and v.isascii())))
def test_no_environment_grants_consent(environment):
    """Whatever is set, without an answer and without the program's word nothing is on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", "/nowhere/at/all")
        for name, value in environment.items():
            patch.setenv(name, value)

        assert not consent.resolve(CATALOGUE, "stored").is_on
        assert not consent.resolve(CATALOGUE, "ask").is_on
        assert not consent.resolve(CATALOGUE, "denied").is_on


@pytest.mark.parametrize(
    ("text", "is_off", "state"),
    [
        ('{"telemetry": false}', True, "off"),
        ('{"telemetry": true}', False, "open"),
        # Whoever lays a policy down means to forbid.
        ('{"Telemetry": true}', True, "off"),
        ('{"telemetry": 1}', True, "off"),
        ('{"telemetry": "true"}', True, "off"),
        ("[]", True, "off"),
        ("", True, "off"),
        ("{", True, "unreadable"),
        ('{"telemetry": true, "telemetry": false}', True, "unreadable"),
    ],
)
def test_a_policy_forbids_and_never_grants(policy, answer, text, is_off, state):
    """It is read as JSON; what cannot be read counts as off."""
    policy(text)

    found = consent.resolve(CATALOGUE)
    assert found.decided_by.name == ("policy" if is_off else "answer")
    assert not found.is_on
    answer()
    found = consent.resolve(CATALOGUE)
    assert found.is_on is not is_off
    assert next(s for s in found.signals if s.name == "policy").found == state


def test_where_nothing_was_said_every_signal_says_so(policy):
    """A plain machine: what `status` lists, in its order."""
    signals = consent.resolve(CATALOGUE).signals

    assert [(signal.name, signal.effect, signal.found, signal.words) for signal in signals] == [
        ("source", "none", "unset", "telemetry is not switched off in the product's source"),
        ("flag", "none", "unset", "telemetry is not switched off for this run"),
        ("variable", "none", "unset", "MODELKIT_TELEMETRY does not say off"),
        ("do_not_track", "none", "unset", "DO_NOT_TRACK is not set"),
        ("policy", "none", "missing", "this machine has no policy"),
        ("program", "none", "stored", "the program goes by the user's answer"),
        ("answer", "none", "none", "the user has not answered yet"),
        ("ci", "none", "unset", "this is not continuous integration"),
    ]


def test_every_state_has_words(monkeypatch, answer, policy, answer_file):
    """No value of a variable stands in them, and none is left without."""
    secret = "xyzzy"
    monkeypatch.setenv("MODELKIT_TELEMETRY", secret)
    monkeypatch.setenv("DO_NOT_TRACK", secret)
    monkeypatch.setenv("CI", secret)
    answer("denied")

    for decision in ("ask", "stored", "granted", "denied"):
        for signal in consent.resolve(CATALOGUE, decision).signals:
            assert signal.words
            assert "{" not in signal.words
            assert secret not in signal.words
    assert consent.resolve(CATALOGUE).decided_by.words == (
        "MODELKIT_TELEMETRY says neither on nor off, which counts as off"
    )
    source = Path(_consent.__file__).read_text()
    for name, state in WORDS:
        assert f'"{name}"' in source
        assert f'"{state}"' in source or state in ("ask", "stored")


# ---- continuous integration


def vendors():
    """What others know continuous integration by: each a list of (variable, value or None)."""
    spec = find_spec("ci_info")
    assert spec is not None
    assert spec.origin is not None
    for vendor in json.loads(Path(spec.origin).with_name("vendors.json").read_text("utf-8")):
        known = vendor["env"]
        if isinstance(known, str):
            yield vendor["constant"], {known: "1"}
        elif isinstance(known, list):
            yield vendor["constant"], dict.fromkeys(known, "1")
        elif "any" in known:
            for name in known["any"]:
                yield f"{vendor['constant']} {name}", {name: "1"}
        elif "includes" not in known:
            yield vendor["constant"], dict(known)


@pytest.mark.parametrize(("name", "environment"), list(vendors()))
def test_every_known_service_is_known_here(monkeypatch, answer, name, environment):
    """The table is at least that of the PyPI package ci-info, but for Heroku's running programs."""
    answer()
    assert consent.resolve(CATALOGUE).is_on
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)

    found = consent.resolve(CATALOGUE)

    assert not found.is_on
    assert found.decided_by.name == "ci"


@pytest.mark.parametrize(
    "name",
    [
        *("CI", "TF_BUILD", "GITHUB_ACTIONS", "JENKINS_URL", "CODEBUILD_BUILD_ID", "BUILDKITE"),
        "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI",
    ],
)
def test_the_promised_names_are_known(monkeypatch, answer, name):
    """Those of ModelKit's rollout, one by one."""
    answer()
    monkeypatch.setenv(name, "https://ci.example/")

    assert consent.resolve(CATALOGUE).decided_by.words.startswith(name)


@pytest.mark.parametrize("value", ["", "0", "false", "FALSE", "no", "off"])
def test_a_variable_that_says_no_is_no_ci(monkeypatch, answer, value):
    """CI=false is what some shells have."""
    answer()
    monkeypatch.setenv("CI", value)

    assert consent.resolve(CATALOGUE).is_on
    assert _ci.ci_variable() is None


def test_half_of_a_pair_is_no_ci(monkeypatch):
    """TASK_ID alone may be anybody's."""
    monkeypatch.setenv("TASK_ID", "1")
    assert _ci.ci_variable() is None
    monkeypatch.setenv("RUN_ID", "1")
    assert _ci.ci_variable() == "TASK_ID"


# ---- the answer


@pytest.mark.parametrize(
    ("said", "answered", "asked", "kind"),
    [
        ("granted", 1, 1, "granted"),
        ("granted", 2, 1, "granted"),
        ("granted", 1, 2, "older"),
        ("denied", 1, 1, "denied"),
        # A no to less is a no to more, and nobody is asked until they give in.
        ("denied", 1, 2, "denied"),
        ("denied", 2, 1, "denied"),
    ],
)
def test_answers_and_versions(answer, said, answered, asked, kind):
    """A yes holds for what it was said to; the rest is asked again."""
    answer(said, answered)

    found = consent.resolve(version(asked))

    assert found.answer == kind
    assert found.is_on is (kind == "granted")
    assert repr(found) == f"Resolution({'on' if kind == 'granted' else 'off'}, 'answer')"
    assert found.is_open is (kind == "older")
    if kind == "older":
        assert found.decided_by.words == "the user said yes to version 1, and version 2 covers more"


def test_an_answer_to_another_product_is_none(answer):
    """Products may share a file, and do not share a yes."""
    answer(product="otherkit")

    assert consent.resolve(CATALOGUE).answer == "none"


def test_what_a_draft_was_told_counts_for_drafts(answer_file):
    """Its notice was approved by nobody."""
    draft = version(1, draft=True)
    consent.grant(draft)

    assert consent.resolve(draft).is_on
    assert not consent.resolve(CATALOGUE).is_on
    consent.grant(CATALOGUE)
    consent.withdraw(draft)
    assert not consent.resolve(draft).is_on
    assert consent.resolve(CATALOGUE).is_on


ODD = {
    "no version": '{"consent": "granted"}',
    "version text": '{"consent": "granted", "version": "1"}',
    "version true": '{"consent": "granted", "version": true}',
    "version zero": '{"consent": "granted", "version": 0}',
    "version float": '{"consent": "granted", "version": 1.0}',
    "true": '{"consent": true, "version": 1}',
    "yes": '{"consent": "yes", "version": 1}',
    "capitals": '{"consent": "Granted", "version": 1}',
    "nothing": "{}",
}
DAMAGED = {
    "text": "granted",
    "half": '{"telemetry": {"modelkit": {"consent": "granted", "version": 1',
    "followed": '{"telemetry": {"modelkit": {"consent": "granted", "version": 1}}} x',
    "twice": '{"telemetry": {"modelkit": {"version": 1, "consent": "no", "consent": "granted"}}}',
    "a list": '["granted"]',
    "no object": '{"telemetry": true}',
    "no object inside": '{"telemetry": {"modelkit": "granted"}}',
    "a comment": '// yes\n{"telemetry": {"modelkit": {"consent": "granted", "version": 1}}}',
    "NaN": '{"x": NaN, "telemetry": {"modelkit": {"consent": "granted", "version": 1}}}',
    "deep": "[" * 100_000,
    "digits": '{"x": ' + "1" * 5000 + ', "telemetry": {"modelkit": {"consent": "granted"',
}


def refuses():
    found = consent.resolve(CATALOGUE)
    assert (found.is_on, found.is_open, found.answer) == (False, False, "corrupt")
    assert found.decided_by.name == "answer"
    # What cannot be understood may have been a no.
    assert not consent.resolve(CATALOGUE, "granted").is_on


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED.keys())
@pytest.mark.parametrize("slowly", [False, True])
def test_a_damaged_file_is_never_a_yes(answer_file, monkeypatch, text, slowly):
    """Nor is it overwritten, nor is anybody asked; with CPython's accelerator and without."""
    if slowly:
        monkeypatch.setattr(_consent, "make_scanner", None)
    answer_file.parent.mkdir(parents=True)
    answer_file.write_text(text)

    refuses()
    with pytest.raises(StoreError, match="mend or delete the file"):
        consent.grant(CATALOGUE)
    assert answer_file.read_text() == text
    assert [path.name for path in answer_file.parent.iterdir()] == ["config.json"]


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_an_odd_answer_is_never_a_yes(answer_file, text):
    """Nobody is asked over it, and a command by which the user says what they want mends it."""
    answer_file.parent.mkdir(parents=True)
    answer_file.write_text(f'{{"a": 1, "telemetry": {{"modelkit": {text}}}}}')

    refuses()
    consent.grant(CATALOGUE)
    assert consent.resolve(CATALOGUE).is_on
    assert json.loads(answer_file.read_text())["a"] == 1


@pytest.mark.parametrize("number", ['"1"', "true", "null", "1.5", "[]"])
def test_a_no_is_one_whatever_it_answered(answer_file, number):
    """A version that was mistyped lifts no refusal."""
    answer_file.parent.mkdir(parents=True)
    said = f'{{"consent": "denied", "version": {number}}}'
    answer_file.write_text(f'{{"telemetry": {{"modelkit": {said}}}}}')

    assert read_answer(str(answer_file), "modelkit", 1) == ("denied", 0)
    assert consent.resolve(CATALOGUE, "granted").is_refused


@pytest.mark.parametrize("content", [b"", b" \n", b"{}", b"\xef\xbb\xbf{}"])
def test_an_empty_file_is_no_answer(answer_file, content):
    """Nothing was set yet, and an answer can be."""
    answer_file.parent.mkdir(parents=True)
    answer_file.write_bytes(content)

    assert consent.resolve(CATALOGUE).is_open
    consent.grant(CATALOGUE)
    assert consent.resolve(CATALOGUE).is_on
    assert answer_file.read_bytes().startswith(content[:3].strip(b" \n{}"))


UNREACHABLE = {
    "no home": lambda file: os.environ.__setitem__("HOME", "relative"),
    "a folder": lambda file: file.mkdir(parents=True),
    "a fifo": lambda file: (file.parent.mkdir(parents=True), os.mkfifo(file)),
    "too large": lambda file: (
        file.parent.mkdir(parents=True),
        file.write_text("{" + " " * _consent.MAX_FILE_BYTES + "}"),
    ),
}


@pytest.mark.parametrize("make", UNREACHABLE.values(), ids=UNREACHABLE.keys())
def test_a_file_out_of_reach_is_never_a_yes(answer_file, make, monkeypatch, make_client, emit):
    """It says nothing, also to a program with consent of its own; nothing crashes or waits."""
    monkeypatch.setenv("HOME", os.environ["HOME"])
    make(answer_file)

    found = consent.resolve(CATALOGUE)

    assert (found.is_on, found.is_open, found.answer) == (False, False, "unreachable")
    assert consent.resolve(CATALOGUE, "granted").is_on
    assert emit(make_client(consent="ask")).drop_reason == CONSENT_OFF
    with pytest.raises(StoreError):
        consent.grant(CATALOGUE)


@pytest.mark.parametrize("path", ["", "/\udfff/x.json", "a\0b", "/" + "x" * 5000])
def test_a_name_that_cannot_be_is_out_of_reach(path):
    """Whatever a home is called, nobody is asked and nothing crashes."""
    assert read_answer(path, "modelkit", 1) == ("unreachable", 0)
    assert not can_keep(path, "modelkit")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_closed_file_is_never_a_yes(answer_file, answer):
    """Not even the owner's."""
    answer()
    answer_file.chmod(0)

    assert consent.resolve(CATALOGUE).answer == "unreachable"


@pytest.mark.parametrize(
    "text",
    ['[1, 2.5, null, true, "a\\u00e9"]', ' {"a": {"b": []}} ', "3", '"x"', "", "1e5", "-0"],
)
def test_both_readers_read_the_same(text, monkeypatch):
    """With CPython's accelerator and with json itself."""
    quick = parse(text)
    monkeypatch.setattr(_consent, "make_scanner", None)

    assert parse(text) == quick
    assert repr(parse(text)) == repr(json.loads(text) if text else {})


@given(st.text(st.sampled_from('{}[]",: \n\\u0019atruefnlsx.-+eNI'), max_size=30))
def test_both_readers_refuse_the_same(text):
    """What is JSON to one is JSON to the other."""

    def outcome():
        try:
            return repr(parse(text))
        except ValueError:
            return "refused"

    quick = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_consent, "make_scanner", None)
        assert outcome() == quick


def test_answers_are_read_without_json(tmp_path):
    """On the path of a start it would cost more than all the rest."""
    import subprocess

    path = tmp_path / "config.json"
    path.write_text('{"telemetry": {"modelkit": {"consent": "granted", "version": 3}}}')
    code = (
        "import sys; from declarant._consent import read_answer;"
        f"print(read_answer({str(path)!r}, 'modelkit', 3), 'json' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(Path(_consent.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout == "('granted', 3) False\n"
    assert read_answer(str(path), "modelkit", 4) == ("older", 3)


# ---- clients


@pytest.mark.parametrize("decision", ["stored", "ask"])
def test_without_an_answer_nothing_is_made(make_client, emit, folder, answer_file, decision):
    """No event, no id, no folder, no file; there is no terminal to ask at."""
    client = make_client(consent=decision)

    assert emit(client).drop_reason == CONSENT_OFF
    client.close()
    assert not folder.exists()
    assert not answer_file.parent.exists()


@pytest.mark.parametrize("decision", ["stored", "ask"])
def test_a_stored_yes_holds_without_a_terminal(make_client, emit, stored, answer, decision):
    """And the segment says that it is by the user's answer."""
    answer()

    assert emit(make_client(consent=decision))
    assert len(stored()) == 1


@pytest.mark.parametrize("decision", ["granted", "stored", "ask"])
@pytest.mark.parametrize(
    "variable",
    ["DO_NOT_TRACK=1", "MODELKIT_TELEMETRY=0", "MODELKIT_TELEMETRY_OPTOUT=1", "", "CI=1"],
)
def test_a_signal_of_one_run_deletes_nothing(
    make_client, emit, stored, answer, folder, monkeypatch, decision, variable
):
    """Nothing is stored while it is there, and what waits is as it was."""
    answer()
    assert emit(make_client(consent=decision))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    if variable:
        monkeypatch.setenv(*variable.split("="))

    client = make_client(consent=decision, disabled=not variable)

    expected = None if (variable, decision) == ("CI=1", "granted") else CONSENT_OFF
    assert emit(client).drop_reason == expected
    client.close()
    for name, content in before.items():
        assert (folder / name).read_bytes() == content


def test_a_stored_no_empties_the_store(make_client, emit, folder, answer, answer_file):
    """Whoever wrote it, a hand or a command; the id goes as well."""
    answer()
    client = make_client(consent="stored")
    assert emit(client)
    client.close()
    assert (folder / "device-id.txt").exists()
    answer("denied")

    client = make_client(consent="stored")

    assert emit(client).drop_reason == CONSENT_OFF
    assert not list(folder.glob("*.ndjson"))
    assert not (folder / "device-id.txt").exists()


def test_a_stored_no_wins_over_the_programs_yes(make_client, emit, stored, answer):
    """For programs with consent of their own as well; what one of them still holds is emptied."""
    assert emit(make_client(consent="granted"))
    answer("denied")

    assert emit(make_client(consent="granted")).drop_reason == CONSENT_OFF
    assert stored() == []


def test_withdrawing_is_felt_at_once(make_client, emit, folder, answer_file):
    """In this process: nothing is stored any more, and nothing is left."""
    consent.grant(CATALOGUE)
    client = make_client(consent="stored")
    assert emit(client)
    assert emit(client)

    assert consent.withdraw(CATALOGUE, store_folder=folder) == 2

    assert emit(client).drop_reason == CONSENT_OFF
    assert list(folder.glob("*.ndjson")) == []
    assert counts.kept(CATALOGUE, store_folder=folder)["dropped"] == {"PURGED": 2}
    assert json.loads(answer_file.read_text()) == {
        "telemetry": {"modelkit": {"consent": "denied", "version": 1}}
    }
    client.close()
    consent.grant(CATALOGUE)
    assert emit(make_client(consent="stored"))


def test_a_no_of_another_process_is_seen(make_client, emit, folder, answer):
    """A living client looks once a second, and empties what it stored since."""
    answer()
    client = make_client(consent="stored")
    assert emit(client)
    answer("denied", 12)
    # As at the next event in another second.
    client._clock = (0, "")

    assert emit(client).drop_reason == CONSENT_OFF
    assert list(folder.glob("*.ndjson")) == []
    assert client.dropped == {CONSENT_OFF: 1}


def test_a_no_is_seen_at_the_end(make_client, emit, folder, answer):
    """Also by a client that emitted nothing since."""
    answer()
    client = make_client(consent="stored")
    assert emit(client)
    answer("denied", 12)

    client.close_at_exit()

    assert list(folder.glob("*.ndjson")) == []


def test_a_file_that_goes_takes_the_yes_with_it(
    make_client, emit, stored, folder, answer_file, answer
):
    """No answer is no consent; what waits is not deleted for that."""
    answer()
    client = make_client(consent="stored")
    assert emit(client)
    answer_file.unlink()
    client._clock = (0, "")

    assert emit(client).drop_reason == CONSENT_OFF
    assert len(stored()) == 1


def test_withdrawing_says_what_it_could_not_do(make_client, emit, folder, answer_file):
    """A damaged file keeps no answer; the store is emptied all the same."""
    assert emit(make_client(consent="granted"))
    answer_file.parent.mkdir(parents=True)
    answer_file.write_text("{")

    with pytest.raises(StoreError, match="the answer was not kept"):
        consent.withdraw(CATALOGUE, store_folder=folder)

    assert list(folder.glob("*.ndjson")) == []


def test_withdrawing_names_what_is_left(make_client, emit, folder, monkeypatch):
    """The no is kept, and the reason why something waits is the system's."""
    assert emit(make_client(consent="granted"))

    def refused(_store):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("declarant._store.OfflineStore.purge", refused)
    with pytest.raises(StoreError, match=r"could be deleted \(Read-only file system\)"):
        consent.withdraw(CATALOGUE, store_folder=folder)

    assert consent.resolve(CATALOGUE).is_refused


def test_nobody_is_asked_for_what_cannot_be_sent(make_client, emit, monkeypatch):
    """A build without a key, a run without a place."""
    monkeypatch.setattr(_asking, "ask_once", lambda *_: pytest.fail("asked"))

    assert emit(make_client(consent="ask", ikey="")).drop_reason == DropReason.NO_KEY
    assert emit(make_client(consent="ask", store_folder="a\0b")).drop_reason == (
        DropReason.STORE_FAILED
    )
    assert emit(make_client(consent="ask", disabled=True)).drop_reason == CONSENT_OFF


def test_the_question_is_about_the_store_in_force(make_client, emit, folder, monkeypatch):
    """A no empties the one that the program set up, wherever it lies."""
    asked = []
    monkeypatch.setattr(_asking, "ask_once", lambda *about: asked.append(about))

    emit(make_client(consent="ask"))

    assert asked == [(CATALOGUE, str(folder))]


# ---- senders


@pytest.fixture
def waiting(make_client, emit, folder, answer, collector):
    """Two events wait: one by the program's word, one by the user's answer."""
    answer()
    for decision in ("granted", "stored"):
        client = make_client(consent=decision, endpoint=collector.url)
        assert emit(client, action_name=decision)
        client.close()

    def send(*arguments):
        from declarant.cli import main

        place = ["--store", str(folder), "--endpoint", collector.url]
        return main(["send", "modelkit_events", *place, "--ikey-ref", "consent_key:IKEY"])

    return send


@pytest.fixture(autouse=True)
def _key_module(tmp_path, monkeypatch, key):
    (tmp_path / "consent_key.py").write_text(f"IKEY = {key!r}\n")
    monkeypatch.syspath_prepend(tmp_path)


def arrived(collector):
    return sorted(json.loads(e.text)["data"]["action_name"] for e in collector.accepted())


def test_both_are_sent_with_a_yes(waiting, collector):
    """Nothing stands against it."""
    assert waiting() == 0
    assert arrived(collector) == ["granted", "stored"]


@pytest.mark.parametrize("variable", ["DO_NOT_TRACK", "MODELKIT_TELEMETRY_OPTOUT"])
def test_a_sender_heeds_a_signal_of_its_run(
    waiting, collector, folder, monkeypatch, capsys, variable
):
    """Nothing is sent and nothing deleted; the command says why."""
    before = {path.name: path.read_bytes() for path in folder.glob("*.ndjson")}
    monkeypatch.setenv(variable, "1")

    assert waiting() == 2

    assert capsys.readouterr().err == f"declarant send: nothing was sent: {variable} is set\n"
    assert arrived(collector) == []
    assert {path.name: path.read_bytes() for path in folder.glob("*.ndjson")} == before


def test_a_sender_in_ci_sends_by_the_programs_word_alone(waiting, collector, monkeypatch, capsys):
    """The rest waits for a sender elsewhere."""
    monkeypatch.setenv("CI", "true")

    assert waiting() == 1

    assert arrived(collector) == ["granted"]
    assert "CI says that this is continuous integration" in capsys.readouterr().out
    monkeypatch.delenv("CI")
    assert waiting() == 0
    assert arrived(collector) == ["granted", "stored"]


def test_a_sender_needs_the_answer_still(waiting, collector, answer_file, capsys):
    """Without it only what the program answers for goes out."""
    answer_file.unlink()

    assert waiting() == 1
    assert arrived(collector) == ["granted"]
    assert "the user has not answered yet" in capsys.readouterr().out


def test_a_sender_empties_what_was_refused(waiting, collector, folder, answer, capsys):
    """Whoever left it there."""
    answer("denied")

    assert waiting() == 2
    assert arrived(collector) == []
    assert list(folder.glob("*.ndjson")) == []


def test_merging_keeps_the_two_apart(
    waiting, collector, folder, answer_file, make_client, emit, answer
):
    """What the user's answer allows is not sent by the program's word."""
    from declarant._lease import read_head
    from declarant._merge import merge_small

    for decision in ("granted", "stored"):
        client = make_client(consent=decision)
        assert emit(client, action_name=decision)
        client.close()
    store = OfflineStore(str(folder))
    merge_small(store)

    heads = [read_head(store.path(name)) for name in store.segments()]
    assert sorted((head.asked, len(head.merged)) for head in heads) == [(False, 2), (True, 2)]
    answer_file.unlink()
    assert waiting() == 1
    assert arrived(collector) == ["granted", "granted"]


def test_a_no_stops_a_pass_between_two_requests(folder, make_client, emit, answer, key):
    """The sender asks again before each of them."""
    from declarant import _sender
    from declarant._pass import PassConsent, _ConsentingTransport
    from declarant._transport import SendOutcome

    answer()
    client = make_client(consent="stored")
    for number in range(600):
        assert emit(client, duration_ms=number)
    client.close()
    store = OfflineStore(str(folder))
    sent = []

    class Collector:
        """Takes what it is sent; the user says no after the first request."""

        def send(self, payload):
            sent.append(payload.events)
            answer("denied", 12)
            return SendOutcome("accepted", status=200)

        def close(self):
            return None

    looks = PassConsent(CATALOGUE, store)
    assert looks.holds()
    _sender.send_waiting(
        store,
        CATALOGUE,
        key.partition("-")[0],
        lambda: _ConsentingTransport(Collector(), looks),
        seconds_left=lambda: 60.0,
        may_lease=looks.allows,
    )

    assert sent == [500]
    assert not any(b'"duration_ms"' in path.read_bytes() for path in folder.glob("*.ndjson"))


def test_the_thread_stops_after_a_no(make_client, emit, folder, answer, collector):
    """Its passes send nothing of what was stored before."""
    answer()
    client = make_client(
        consent="stored", delivery="thread", endpoint=collector.url, flush_interval_s=1000
    )
    assert emit(client)
    answer("denied", 12)

    client.flush(30)

    assert arrived(collector) == []
    assert list(folder.glob("*.ndjson")) == []
