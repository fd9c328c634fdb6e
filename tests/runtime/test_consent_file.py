"""Keeping an answer in a file that belongs to others as well."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant import StoreError, _consent_write, _locks
from declarant._consent import read_answer
from declarant._consent_write import can_keep, with_value, write_answer
from declarant._segments import write_whole

PLACE = ("telemetry", "modelkit", "consent")

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
NAMES = st.one_of(st.text(max_size=8), st.sampled_from(["telemetry", "modelkit", "consent"]))
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=5)
LAYOUTS = st.sampled_from(
    [{}, {"indent": 2}, {"indent": 4}, {"indent": "\t"}, {"separators": (",", ":")}, {"indent": 0}]
)


def without(settings, place):
    """A copy of *settings* without the value at *place*, and without what was made to hold it."""
    copied = json.loads(json.dumps(settings))
    holders = [copied]
    for name in place[:-1]:
        holders.append(holders[-1].get(name, {}))
    for holder, name in zip(reversed(holders), reversed(place), strict=True):
        if name == place[-1] or holder.get(name) == {}:
            holder.pop(name, None)
    return copied


def fits(settings, place=PLACE):
    """Whether nothing but objects stands on the way to *place*."""
    for name in place[:-1]:
        if name not in settings:
            return True
        settings = settings[name]
        if not isinstance(settings, dict):
            return False
    return True


@given(OBJECTS, LAYOUTS, st.booleans())
def test_everything_else_survives(settings, layout, ascii_only):
    """Whatever stands in the file, and however it is laid out, is there afterwards as it was."""
    text = json.dumps(settings, ensure_ascii=ascii_only, **layout) + "\n"
    if not fits(settings):
        with pytest.raises(ValueError, match="expected an object"):
            with_value(text, PLACE, "granted")
        return

    made = with_value(text, PLACE, "granted")

    changed = json.loads(made)
    assert changed["telemetry"]["modelkit"]["consent"] == "granted"
    assert without(changed, PLACE) == without(settings, PLACE)
    # A second answer changes the one word.
    again = with_value(made, PLACE, "denied")
    assert again.replace('"denied"', '"granted"') == made.replace('"denied"', '"granted"')
    # Byte for byte: what was there is there, in two pieces around the new member.
    had = "consent" in settings.get("telemetry", {}).get("modelkit", {})
    assert had or common(text, made) + common(text[::-1], made[::-1]) >= len(text.strip())


def common(one, other):
    """How many letters two texts have in common from their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


@given(st.text(max_size=60))
def test_what_is_no_object_is_left_alone(text):
    """A file that is not JSON is refused; a blank one is made one."""
    try:
        settings = json.loads(text) if text.strip(" \t\r\n") else {}
    except ValueError:
        settings = None
    if not isinstance(settings, dict):
        with pytest.raises(ValueError, match=r"."):
            with_value(text, PLACE, "granted")


@given(
    st.binary(max_size=80)
    | st.text(st.sampled_from('{}[]",: \ntelmrymodkconsgad1v0.')).map(str.encode)
)
def test_no_bytes_are_a_yes_by_chance(tmp_path_factory, content):
    """Only a sound file with the very answer is one."""
    path = tmp_path_factory.mktemp("home") / "config.json"
    path.write_bytes(content)

    kind, _ = read_answer(str(path), "modelkit", 1)

    assert kind in ("corrupt", "none")


@given(st.data())
def test_no_damage_makes_a_yes_of_a_no(tmp_path_factory, data):
    """Cut, or with a byte changed, a file that says no never says yes."""
    path = tmp_path_factory.mktemp("home") / "config.json"
    write_answer(str(path), "modelkit", granted=False, version=1)
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[place:]
    else:
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))

    assert read_answer(str(path), "modelkit", 1)[0] not in ("granted", "older")


MADE = '{"consent": "granted", "version": 7}'
SOUND = {
    "as a person lays it out": (
        '{\r\n\t"name" : "x",\r\n\t"big": 1e400, "n": 1.10, "id": 12345678901234567890123\r\n}\r\n',
        (
            '{\r\n\t"name" : "x",\r\n\t"big": 1e400, "n": 1.10, "id": 12345678901234567890123,'
            '\r\n\t"telemetry": {"modelkit": MADE}\r\n}\r\n'
        ),
    ),
    "on one line": ('{"a":[1],"b":{}}', '{"a":[1],"b":{}, "telemetry": {"modelkit": MADE}}'),
    "empty": ("{}", '{"telemetry": {"modelkit": MADE}}'),
    "empty, with a blank": ("{ }", '{ "telemetry": {"modelkit": MADE} }'),
    "empty, in two lines": ("{\n}\n", '{\n  "telemetry": {"modelkit": MADE}\n}\n'),
    "of others": (
        '{\n  "telemetry": {\n    "otherkit": {"consent": "denied", "version": 3}\n  }\n}',
        (
            '{\n  "telemetry": {\n    "otherkit": {"consent": "denied", "version": 3},\n'
            '    "modelkit": MADE\n  }\n}'
        ),
    ),
    "asked before": (
        '{"telemetry":{"modelkit":{"by":"me","consent":"denied","version":1}},"z":0}',
        '{"telemetry":{"modelkit":{"by":"me","consent":"granted","version":7}},"z":0}',
    ),
    "escaped": (
        '{"te\\u006cemetry": {"modelkit": {"consent": "denied", "version": 1}}, "k": "\\""}',
        '{"te\\u006cemetry": {"modelkit": MADE}, "k": "\\""}',
    ),
}


@pytest.mark.parametrize(("text", "expected"), SOUND.values(), ids=SOUND.keys())
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_text_around_an_answer_stays(tmp_path, text, expected, mark):
    """Numbers that no float holds, layout, order, line ends, a mark before it."""
    path = tmp_path / "config.json"
    path.write_bytes(mark + text.encode())

    write_answer(str(path), "modelkit", granted=True, version=7)

    assert path.read_bytes() == mark + expected.replace("MADE", MADE).encode()
    assert read_answer(str(path), "modelkit", 7) == ("granted", 7)


def test_a_new_file_is_its_owners(tmp_path):
    """So is a new folder; what the answer is reads at a glance."""
    old = os.umask(0)
    try:
        path = tmp_path / ".winml" / "config.json"
        write_answer(str(path), "modelkit", granted=True, version=1)
    finally:
        os.umask(old)

    assert path.read_text() == (
        '{\n  "telemetry": {"modelkit": {"consent": "granted", "version": 1}}\n}\n'
    )
    assert [item.name for item in path.parent.iterdir()] == ["config.json"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX modes")
def test_nobody_else_reads_along_while_it_is_written(tmp_path, monkeypatch):
    """Other settings of the user stand in the file, too."""
    path = tmp_path / "config.json"
    path.write_text('{"secret": 1}')
    path.chmod(0o600)
    modes = []

    def watched(fd, content):
        modes.append(stat.S_IMODE(os.fstat(fd).st_mode))
        modes.append(stat.S_IMODE(Path(f"{path}.lock").stat().st_mode))
        write_whole(fd, content)

    monkeypatch.setattr(_consent_write, "write_whole", watched)
    old = os.umask(0)
    try:
        write_answer(str(path), "modelkit", granted=True, version=1)
    finally:
        os.umask(old)

    assert modes == [0o600, 0o600]
    assert read_answer(str(path), "modelkit", 1) == ("granted", 1)


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX modes and links")
def test_a_file_keeps_its_mode_and_its_link(tmp_path):
    """Whoever keeps settings elsewhere finds the answer there."""
    target = tmp_path / "dotfiles" / "winml.json"
    target.parent.mkdir()
    target.write_text('{"a": 1}')
    target.chmod(0o640)
    path = tmp_path / "config.json"
    path.symlink_to(target)

    write_answer(str(path), "modelkit", granted=True, version=1)

    assert path.is_symlink()
    assert json.loads(target.read_text())["a"] == 1
    assert read_answer(str(path), "modelkit", 1) == ("granted", 1)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    """The answer is not kept, and nothing is lost."""
    path = tmp_path / "config.json"
    path.write_text('{"a": 1}')

    def refused(fd, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_consent_write, "write_whole", refused)
    with pytest.raises(StoreError, match="No space left on device"):
        write_answer(str(path), "modelkit", granted=True, version=1)

    assert path.read_text() == '{"a": 1}'
    assert [item.name for item in tmp_path.iterdir()] == ["config.json"]


def test_a_writer_that_never_ends_is_not_waited_for(tmp_path, monkeypatch):
    """The answer is not kept then, which the user is told."""
    monkeypatch.setattr(_consent_write, "_PATIENCE_S", 0.02)
    path = tmp_path / "config.json"
    fd = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT)
    assert _locks.try_lock(fd) == _locks.ACQUIRED
    try:
        with pytest.raises(StoreError, match=r"could not be kept in .* \(another process is writ"):
            write_answer(str(path), "modelkit", granted=True, version=1)
    finally:
        _locks.free(fd)
    # A lock of a dead process is none.
    write_answer(str(path), "modelkit", granted=True, version=1)
    assert read_answer(str(path), "modelkit", 1) == ("granted", 1)


def test_no_place_keeps_no_answer():
    """Nobody is asked there."""
    assert not can_keep("", "modelkit")
    with pytest.raises(StoreError, match="expected a home folder"):
        write_answer("", "modelkit", granted=True, version=1)


def test_where_an_answer_can_be_kept(tmp_path):
    """Below any folder that can be written to, made or not; looking makes nothing."""
    assert can_keep(str(tmp_path / "a" / "b" / "config.json"), "modelkit")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    assert not can_keep(str(tmp_path / "file" / "config.json"), "modelkit")
    (tmp_path / "bad.json").write_text("{")
    assert not can_keep(str(tmp_path / "bad.json"), "modelkit")
    (tmp_path / "good.json").write_text("{}")
    assert can_keep(str(tmp_path / "good.json"), "modelkit")


WRITER = """
import sys
from declarant._consent_write import write_answer
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.readline()
for number in range(1, 21):
    write_answer(sys.argv[1], sys.argv[2], granted=True, version=number)
"""


def test_writers_take_turns(tmp_path):
    """Six processes that answer for six products into one file lose nothing of each other."""
    path = tmp_path / "deep" / "config.json"
    names = [f"kit{number}" for number in range(6)]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0

    kept = json.loads(path.read_text())
    assert kept == {"telemetry": {name: {"consent": "granted", "version": 20} for name in names}}
    assert [item.name for item in Path(path.parent).iterdir()] == ["config.json"]
