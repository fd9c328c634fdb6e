"""`declarant build`: what is in the archives, what makes it refuse, what it never says."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from declarant_codegen.errors import CodegenError
from declarant_codegen.release.building import build_archives
from declarant_codegen.release.secret_key import SecretKey
from declarant_codegen.release.verification import archive_faults

from .conftest import KEY, ROOT, SECRET, TOKEN, VARIABLE, archives, build

PLACE = "modelkit_events/_release_key.py"


def members(archive):
    """Return path to content of everything in an archive."""
    if archive.suffix == ".whl":
        with ZipFile(archive) as opened:
            return {name: opened.read(name) for name in opened.namelist()}
    with tarfile.open(archive) as opened:
        plain = [member for member in opened if member.isfile()]
        return {m.name.partition("/")[2]: opened.extractfile(m).read() for m in plain}


def holders(files):
    """Return the files that hold any eight characters in a row of the key, in either case."""
    parts = {KEY[i : i + 8].encode() for i in range(len(KEY) - 7)}
    return sorted(
        name
        for name, content in files.items()
        if any(part in content.lower() or part in name.lower().encode() for part in parts)
    )


def leaks(ran):
    """Tell whether a run said any part of the key."""
    said = (ran.stdout + ran.stderr).lower()
    return TOKEN in said or SECRET in said or SECRET.split("-")[0] in said


def test_the_wheel_alone_holds_the_key_and_once(release):
    """In one file of the wheel; the source archive has the empty placeholder."""
    source, wheel = release
    in_source, in_wheel = members(source), members(wheel)

    assert holders(in_source) == []
    assert holders(in_wheel) == [PLACE]
    assert in_wheel[PLACE].count(KEY.encode()) == 1
    assert b'IKEY = release_key("modelkit_events")' in in_source["modelkit_events/_key.py"]
    assert KEY.encode() not in source.read_bytes() + wheel.read_bytes()


def test_the_package_in_both_is_what_the_manifest_lists(release):
    """The key's file is the only one that the manifest does not know, and only in the wheel."""
    manifest = json.loads((ROOT / "generated/manifest.json").read_bytes())
    listed = {item["path"]: item["sha256"] for item in manifest["outputs"]}
    for archive, more in zip(release, (set(), {PLACE}), strict=True):
        files = members(archive)
        inside = {path for path in files if path.startswith("modelkit_events/")}
        assert inside == {
            *(path for path in listed if path.startswith("modelkit_events/")),
            *("modelkit_events/manifest.json", *more),
        }
        for path in inside & listed.keys():
            assert hashlib.sha256(files[path]).hexdigest() == listed[path]


def test_the_wheels_record_is_whole(release):
    """Each file with its digest and size, the key's file included."""
    files = members(release[1])
    (record,) = (name for name in files if name.endswith(".dist-info/RECORD"))
    rows = list(csv.reader(io.StringIO(files[record].decode())))

    assert sorted(row[0] for row in rows) == sorted(files)
    for name, digest, size in rows:
        if name != record:
            made = base64.urlsafe_b64encode(hashlib.sha256(files[name]).digest())
            assert (digest, size) == (f"sha256={made.decode().rstrip('=')}", str(len(files[name])))


def faults(source, wheel):
    """Return what is found in two archives before they would be released."""
    raw = (ROOT / "generated/manifest.json").read_bytes()
    return archive_faults(source, wheel, json.loads(raw), raw, SecretKey(KEY))


@pytest.mark.parametrize(
    "text",
    [KEY.encode(), TOKEN.upper().encode(), SECRET.encode("utf-16-le")],
    ids=["whole", "token", "utf-16"],
)
def test_a_key_in_an_archives_own_text_is_found(release, tmp_path, text):
    """In the wheel's comment, or in the name that gzip keeps: no file of either holds it."""
    source, wheel = release
    assert faults(source, wheel) == []
    commented = tmp_path / wheel.name
    shutil.copy(wheel, commented)
    with ZipFile(commented, "a") as opened:
        opened.comment = text
    named = tmp_path / source.name
    with (
        named.open("wb") as raw,
        gzip.GzipFile(text.decode("latin-1"), "wb", fileobj=raw) as packed,
    ):
        packed.write(gzip.decompress(source.read_bytes()))

    words = "archive's own text: expected no part of the key, found one"
    assert faults(source, commented) == [f"the .whl {words}"]
    if b"\0" not in text:  # no name holds it
        assert faults(named, wheel) == [f"the .gz {words}"]


def test_a_wheel_that_is_not_as_its_record_says_is_found(release, tmp_path):
    """An installer that believes the record would refuse it, or install what nobody listed."""
    source, wheel = release
    forged = tmp_path / wheel.name
    with ZipFile(wheel) as read, ZipFile(forged, "w", ZIP_DEFLATED) as written:
        for name in read.namelist():
            content = read.read(name)
            if name.endswith("/RECORD"):
                content = content.replace(b"modelkit_events/__init__.py,sha256=", b"x,sha256=", 1)
            written.writestr(name, content)

    words = "expected what the wheel's record says, found another"
    assert faults(source, forged) == [
        f"{wheel.name}: {name}: {words}" for name in ("modelkit_events/__init__.py", "x")
    ]

    with ZipFile(forged, "a") as opened, pytest.warns(UserWarning, match="Duplicate name"):
        opened.writestr("modelkit_events/__init__.py", "")
    with pytest.raises(CodegenError, match="found one twice; nothing was built"):
        faults(source, forged)


@pytest.mark.parametrize("epoch", [None, "1700000000"])
def test_two_builds_make_the_same_bytes(work, build_work, epoch):
    """With the date that hatchling takes by itself, and with one of the builder's."""
    variables = {} if epoch is None else {"SOURCE_DATE_EPOCH": epoch}
    made = []
    for _ in range(2):
        assert build_work(**variables).returncode == 0
        made.append([archive.read_bytes() for archive in archives(work / "dist")])
        shutil.rmtree(work / "dist")

    assert made[0] == made[1]


def test_the_date_of_every_file_is_the_builders(work, build_work):
    """That of the key's file, too."""
    assert build_work(SOURCE_DATE_EPOCH="1700000000").returncode == 0

    with ZipFile(archives(work / "dist")[1]) as opened:
        assert {info.date_time for info in opened.infolist()} == {(2023, 11, 14, 22, 13, 20)}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (None, "found none"),
        ("", "found none"),
        (KEY.lower()[:-1], "of another shape"),
        (f"{KEY}\n", "of another shape"),
        (f" {KEY}", "of another shape"),
        (TOKEN, "of another shape"),
        (f"o:{TOKEN}", "of another shape"),
        (KEY.replace("8badf00d", "8badf00g"), "of another shape"),
        (f'{KEY}"; print("', "of another shape"),
    ],
)
def test_without_a_key_of_the_right_form_nothing_is_built(work, build_work, key, words):
    """The variable is named, and nothing of what it holds."""
    ran = build_work("--verbose", key=key)

    assert ran.returncode == 2
    assert ran.stderr.startswith(f"declarant build: {VARIABLE}: ")
    assert words in ran.stderr
    assert not leaks(ran)
    assert not (work / "dist").exists()


def test_another_products_variable_is_no_key(work, build_work):
    """A machine that builds several products mixes none up."""
    ran = build_work(key=None, OTHER_TELEMETRY_BUILD_IKEY=KEY, MODELKIT_TELEMETRY_IKEY=KEY)

    assert (ran.returncode, leaks(ran)) == (2, False)
    assert not (work / "dist").exists()


def test_what_it_says_holds_no_part_of_the_key(build_work):
    """Not even what the build backend says, and not where the key is."""
    ran = build_work("--verbose")

    assert ran.returncode == 0
    assert "[wheel]" in ran.stdout
    assert not leaks(ran)


def test_what_the_backend_says_commands_no_runner(tmp_path, capsys):
    """It repeats what the distribution's own files say, and a CI runner reads along."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "some.py").write_text("")
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "some"\nversion = "1"\n[tool.hatch.build.hooks.custom]\n'
    )
    (project / "hatch_build.py").write_text(
        "from hatchling.builders.hooks.plugin.interface import BuildHookInterface\n"
        "class Hook(BuildHookInterface):\n"
        "    def initialize(self, version, build_data):\n"
        "        print('::error::x', '##vso[task.complete]', sep='\\n', flush=True)\n"
    )
    (tmp_path / "dist").mkdir()

    build_archives(project, tmp_path / "dist", verbose=True)

    told = capsys.readouterr().out
    assert "\\u003a:error::x\n#\\u0023vso[task.complete]\n" in told
    assert "##vso[" not in told
    assert "\n::" not in told


def plant(path, text):
    def put(work):
        place = work / "generated" / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)

    return put


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("CHANGES.txt", f"the key is {KEY}"),
        ("CHANGES.txt", f"the tenant is o:{TOKEN.upper()}"),
        ("notes/key.txt", f"and the rest {SECRET}"),
        (f"{TOKEN}.txt", "its name"),
    ],
)
def test_a_key_in_the_source_is_found(work, build_work, path, text):
    """In any file of the source archive, whole or in part, in any case; nothing is released."""
    plant(path, text)(work)

    ran = build_work()

    assert ran.returncode == 1
    assert "expected no part of the key, found one" in ran.stdout
    assert ran.stdout.endswith("nothing was built\n")
    assert not leaks(ran)
    assert list((work / "dist").iterdir()) == []


def test_a_key_in_another_encoding_is_found(work, build_work):
    """As some editors on Windows write."""
    (work / "generated/notes.txt").write_bytes(KEY.encode("utf-16"))

    assert build_work().returncode == 1


@pytest.mark.parametrize("name", ["extra.py", "data.bin", "schemas/More.json", ".hidden.py"])
def test_what_is_not_generated_is_not_released(work, build_work, name):
    """The package is what the manifest lists; a hidden file is found in the archive."""
    plant(f"modelkit_events/{name}", "0")(work)

    ran = build_work()

    assert ran.returncode == 1
    if name.startswith("."):
        assert f"modelkit_events/{name}: expected generated files alone" in ran.stdout
        assert list((work / "dist").iterdir()) == []
    else:
        assert f"modelkit_events/{name}: foreign" in ran.stdout
        assert not (work / "dist").exists()


def test_a_key_module_in_the_source_is_a_mistake(release, work, build_work):
    """Whoever unpacked a wheel over the source is told by check, and builds nothing."""
    for content, state in (
        (members(release[1])[PLACE], "orphaned"),
        (f'IKEY = "{KEY}"\n'.encode(), "foreign"),
    ):
        (work / "generated" / PLACE).write_bytes(content)

        ran = build_work()

        assert ran.returncode == 1
        assert f"{PLACE}: {state}" in ran.stdout
        assert not leaks(ran)
        assert not (work / "dist").exists()


@pytest.mark.parametrize("fault", ["edited", "draft", "unapproved"])
def test_what_check_refuses_is_not_built(work, build_work, fault):
    """A hand-edited module, a draft, an event that nobody approved."""
    schema = work / "schemas/events/model_kit_heartbeat.schema.json"
    if fault == "edited":
        module = work / "generated/modelkit_events/model_kit_action.py"
        module.write_text(module.read_text() + "# mine\n")
    else:
        value = json.loads(schema.read_text())
        value["x-retention-days"] += 1
        schema.write_text(json.dumps(value, indent=2))
    if fault == "draft":
        places = ["--schemas", str(work / "schemas"), "--out", str(work / "generated")]
        command = [sys.executable, "-m", "declarant", "generate", "--draft", *places]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    ran = build_work()

    assert (ran.returncode, leaks(ran)) == (1, False)
    assert not (work / "dist").exists()


def test_nothing_that_runs_during_the_build_can_see_the_key(work, build_work):
    """Neither its environment nor its arguments have it; here a build hook looks for it."""
    seen = work / "seen.json"
    hook = work / "generated" / "hatch_build.py"
    hook.write_text(
        "import json, os, sys\n"
        "from hatchling.builders.hooks.plugin.interface import BuildHookInterface\n"
        "class Spy(BuildHookInterface):\n"
        "    def initialize(self, version, build_data):\n"
        f"        with open({str(seen)!r}, 'w') as file:\n"
        "            json.dump([dict(os.environ), sys.argv], file)\n"
    )
    # The hook is the project's own, by a file that hatch reads beside the generated one.
    (work / "generated/hatch.toml").write_text("[build.hooks.custom]\n")

    assert build_work().returncode == 0

    told = seen.read_text().lower()
    assert '"path"' in told
    assert TOKEN not in told
    assert SECRET not in told


def test_a_backend_that_fails_leaves_nothing(work, build_work):
    """Its last words are told, and how to see all of them."""
    (work / "generated/hatch.toml").write_text("[build.hooks.custom]\npath = 'none.py'\n")

    ran = build_work()

    assert ran.returncode == 2
    assert "expected the build backend to make two archives" in ran.stderr
    assert not leaks(ran)
    assert list((work / "dist").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_an_interrupted_build_leaves_no_archive(work, build_work):
    """Ctrl-C while the backend runs: neither an archive nor a folder with the key stays."""
    mark = work / "started"
    (work / "generated/hatch_build.py").write_text(
        "import time\n"
        "from hatchling.builders.hooks.plugin.interface import BuildHookInterface\n"
        "class Slow(BuildHookInterface):\n"
        "    def initialize(self, version, build_data):\n"
        f"        open({str(mark)!r}, 'w').close()\n"
        "        time.sleep(60)\n"
    )
    (work / "generated/hatch.toml").write_text("[build.hooks.custom]\n")
    places = ["--schemas", work / "schemas", "--out", work / "generated", "--dist", work / "dist"]
    process = subprocess.Popen(
        [sys.executable, "-m", "declarant", "build", *map(str, places)],
        env={**os.environ, VARIABLE: KEY},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        while not mark.exists():
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()

    assert process.returncode == 130
    assert TOKEN not in said
    assert list((work / "dist").iterdir()) == []


def test_an_older_release_is_replaced_and_neighbours_stay(work, build_work):
    """A second release of the same version takes the place of the first."""
    assert build_work().returncode == 0
    (work / "dist/other-1.0.tar.gz").write_text("not ours")
    other = re.sub("7391$", "7392", KEY)

    assert build_work(key=other).returncode == 0

    names = sorted(path.name for path in (work / "dist").iterdir())
    assert names == [
        *("modelkit_events-0.1.0-py3-none-any.whl", "modelkit_events-0.1.0.tar.gz"),
        "other-1.0.tar.gz",
    ]
    assert other.encode() in members(work / "dist" / names[0])[PLACE]


def test_another_build_tool_makes_a_wheel_without_a_key(work, tmp_path):
    """With the variable set: the key gets into a wheel by one command alone."""
    dist = tmp_path / "plain"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(dist)],
        cwd=work / "generated",
        env={**os.environ, VARIABLE: KEY},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    for archive in archives(dist):
        assert holders(members(archive)) == []


def test_the_inventory_reads_the_released_wheel(release):
    """It is a wheel like any other."""
    ran = subprocess.run(
        [sys.executable, "-m", "declarant", "inventory", "--manifest", str(release[1])],
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.startswith("ModelKit 0.1.0 (modelkit_events)")


def test_without_the_backend_the_command_says_what_to_install(tmp_path):
    """As every command that needs the extra."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['hatchling'] = None\n")

    ran = build("--dist", tmp_path / "dist", PYTHONPATH=str(tmp_path))

    assert ran.returncode == 2
    assert 'needs the extra "codegen" (not installed: hatchling)' in ran.stderr
