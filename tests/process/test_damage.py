"""Generated packages that are damaged, or mixed from two generations: the host feels nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from declarant import cli as front

ROOT = Path(__file__).parents[2]
KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"

#: What half a file, a wrong disk or a bad merge may leave behind.
DAMAGE = {
    "missing": None,
    "empty": b"",
    "zeros": b"\0" * 4096,
    "binary": bytes(range(128, 256)),
    "marks of a conflict": b"<<<<<<< HEAD\nA = 1\n=======\nA = 2\n>>>>>>> other\n",
    "fails when run": b"1 / 0\n",
    "ends the process": b"import sys\nsys.exit(3)\n",
    "raises what nobody catches": b"raise BaseException\n",
    "another thing": b"EVENT = CATALOGUE = emit_model_kit_action = 1\n",
    "of an old generator": (
        b"from declarant.gencode import Catalogue, EventType\n"
        b"CATALOGUE = Catalogue(package='modelkit_events', product='modelkit', generation='',\n"
        b"    endpoint='', ext=(), events={})\n"
    ),
}
MEANING = "PACKAGE_DAMAGED"

EMIT = """
def action(**more):
    return str(modelkit_events.emit_model_kit_action(
        invoked_from="Script", action_name="build", device=None, ep=None, duration_ms=1,
        success=True, **more).drop_reason)

def heartbeat(**more):
    return str(modelkit_events.emit_model_kit_heartbeat(**more).drop_reason)

def stored():
    CATALOGUE.client.close()
    return sum(
        line.startswith(b'{"ver"') for name in os.listdir(store) if name.endswith(".ndjson")
        for line in open(os.path.join(store, name), "rb"))
"""


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a later generation: an argument and an event more."""
    folder = tmp_path_factory.mktemp("later")
    schemas = folder / "schemas"
    shutil.copytree(ROOT / "schemas", schemas)
    path = schemas / "events/model_kit_action.schema.json"
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["retried"] = {**schema["properties"]["success"], "description": "Again."}
    schema["required"].append("retried")
    path.write_text(json.dumps(schema, indent=2), "utf-8")
    path = schemas / "events/model_kit_heartbeat.schema.json"
    extra = {**json.loads(path.read_text("utf-8")), "title": "ModelKitExtra"}
    path.with_name("model_kit_extra.schema.json").write_text(json.dumps(extra, indent=2), "utf-8")
    path = schemas / "catalogue.json"
    catalogue = json.loads(path.read_text("utf-8"))
    catalogue["consent"]["version"] += 1
    path.write_text(json.dumps(catalogue, indent=2), "utf-8")
    asked = ["--schemas", str(schemas)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        for role in ("privacy-reviewer", "privacy-counsel"):
            by = ["--by", f"A {role}", "--role", f"{role} (demonstration role)"]
            assert front.main(["approve", "--all", *by, "--reference", "T-1", *asked]) == 0
        assert front.main(["generate", *asked, "--out", str(folder / "out")]) == 0
    return folder / "out/modelkit_events"


class Package:
    """A copy of the generated package, and the processes that import it."""

    def __init__(self, hosts, home: Path) -> None:
        self.hosts = hosts
        self.home = home
        self.folder = home / "modelkit_events"
        paths = (str(home), os.environ.get("PYTHONPATH", ""))
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}

    def damage(self, module: str, kind: str) -> None:
        content = DAMAGE[kind]
        if content is None:
            (self.folder / f"{module}.py").unlink()
        else:
            (self.folder / f"{module}.py").write_bytes(content)

    def take(self, module: str, from_: Path) -> None:
        shutil.copy(from_ / f"{module}.py", self.folder)

    def run(self, code: str) -> object:
        """Return the value of *result* after *code* has run; it must not fail or complain."""
        printed = self.hosts.run(
            EMIT + code + "\nimport json\nprint(json.dumps(result))", env=self.environment
        )
        return json.loads(printed)

    def declarant(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "declarant.cli", *words]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def package(hosts, tmp_path: Path) -> Package:
    made = Package(hosts, tmp_path / "site")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "generated/modelkit_events", made.folder, ignore=ignore)
    return made


def test_a_whole_package_works_from_its_copy(package, later):
    """What the other tests break is in order before they do."""
    code = "configure()\nresult = [action(), heartbeat(), CATALOGUE.damage, stored()]"

    assert package.run(code) == ["None", "None", "", 2]
    for module in later.glob("*.py"):
        package.take(module.stem, later)
    assert package.run(code.replace("action()", "action(retried=False)"))[:3] == [
        "None",
        "None",
        "",
    ]


def test_a_module_of_another_generation_turns_telemetry_off(package, later):
    """From the first use on nothing is stored; what was stored before stays, and all is counted."""
    package.take("model_kit_action", later)

    result = package.run(
        """
configure()
first = heartbeat()
mixed = [action(), action(retried=True), heartbeat()]
configure()
again = heartbeat()
counts = CATALOGUE.client.counts()["dropped"]
result = [first, mixed, again, counts, CATALOGUE.damage, stored()]
        """
    )

    damage = (
        "modelkit_events.model_kit_action: expected code of its package's generation, found code "
        "of another; run `declarant generate`, or install the package again"
    )
    assert result == ["None", [MEANING] * 3, MEANING, {MEANING: 4}, damage, 1]
    shown = package.declarant("show", "modelkit_events", "--store", str(package.hosts.folder))
    assert "4 dropped, PACKAGE_DAMAGED: the generated package is damaged, or mixed" in shown.stdout


def test_what_is_dropped_is_counted_whatever_becomes_of_the_process(package, later):
    """Each drop is on disk at once, and a later command tells of it."""
    package.take("model_kit_action", later)
    package.hosts.run(
        EMIT + "configure()\nfor _ in range(3):\n    action()\nos._exit(0)",
        env=package.environment,
    )

    shown = package.declarant(
        "show", "modelkit_events", "--store", str(package.hosts.folder), "--json"
    )

    assert json.loads(shown.stdout)["counts"]["dropped"] == {MEANING: 3}


def test_an_emitter_of_another_generation_is_not_even_stored_when_imported_by_its_module(
    package, later
):
    """A host that goes past the package is stopped where the event would be stored."""
    package.take("model_kit_action", later)

    result = package.run(
        """
configure()
from modelkit_events.model_kit_action import emit_model_kit_action
outcome = emit_model_kit_action(
    invoked_from="Script", action_name="build", device=None, ep=None, duration_ms=1,
    success=True, retried=False)
result = [str(outcome.drop_reason), heartbeat(), stored()]
        """
    )

    assert result == [MEANING, MEANING, 0]


def test_every_client_of_the_package_goes_off(package, later):
    """Another client that stored such an event a moment ago stores none any more."""
    package.take("model_kit_action", later)

    result = package.run(
        """
configure()
from declarant import Client
other = Client(CATALOGUE)
other.configure(app_version="1", consent="granted", ikey=CATALOGUE.client.settings.ikey,
    delivery="manual", store_folder=store)
before = [heartbeat(client=other), heartbeat()]
mixed = action(client=other)
after = [heartbeat(client=other), heartbeat()]
result = [before, mixed, after, other.dropped, CATALOGUE.client.dropped, stored()]
        """
    )

    assert result == [
        ["None", "None"],
        MEANING,
        [MEANING, MEANING],
        {MEANING: 2},
        {MEANING: 1},
        2,
    ]


@pytest.mark.parametrize("module", ["model_kit_action", "model_kit_heartbeat"])
def test_strict_mode_raises(package, later, module):
    """Every emit says which module is wrong."""
    package.damage("model_kit_heartbeat", "fails when run")
    package.take("model_kit_action", later)
    emits = {"model_kit_action": "action", "model_kit_heartbeat": "heartbeat"}

    result = package.run(
        f"""
import declarant
configure(strict=True)
result = []
for emit in ({emits[module]}, action, heartbeat):
    try:
        emit()
    except declarant.DeclarantError as error:
        result.append([type(error).__name__, str(error).partition(":")[0]])
        """
    )

    assert result == [["PackageDamaged", f"modelkit_events.{module}"]] * 3


def test_a_client_that_is_off_anyway_says_so(package, later):
    """Damage is nobody's business before there is a set-up and consent."""
    package.take("model_kit_action", later)
    package.damage("model_kit_heartbeat", "empty")

    result = package.run(
        """
off = [action(), heartbeat()]
modelkit_events.configure(app_version="1", strict=True, store_folder=store)
result = [off, [action(), heartbeat()], os.path.exists(store)]
        """
    )

    assert result == [["NOT_CONFIGURED"] * 2, ["CONSENT_OFF"] * 2, False]


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_event_module_is_no_hosts_trouble(package, kind):
    """However the emitter is fetched, the host goes on, and the drops are counted."""
    package.damage("model_kit_action", kind)

    result = package.run(
        """
from modelkit_events import emit_model_kit_action as early
configure()
late = modelkit_events.emit_model_kit_action
outcomes = [str(early(anything=1).drop_reason), action(), heartbeat()]
counts = CATALOGUE.client.counts()["dropped"]
result = [early is late, outcomes, counts, stored()]
        """
    )

    assert result == [True, [MEANING] * 3, {MEANING: 3}, 0]


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_catalogue_is_no_hosts_trouble(package, kind):
    """The package imports, takes its set-up and drops; nothing touches the disk."""
    package.damage("_catalogue", kind)

    result = package.run(
        """
before = action()
configure()
outcomes = [action(), heartbeat()]
CATALOGUE.client.flush()
result = [before, outcomes, CATALOGUE.client.dropped, os.path.exists(store),
          hasattr(modelkit_events, "no_emitter"), bool(CATALOGUE.damage)]
        """
    )

    assert result == [
        "NOT_CONFIGURED",
        [MEANING] * 2,
        {"NOT_CONFIGURED": 1, MEANING: 2},
        False,
        False,
        True,
    ]


def test_a_module_cut_anywhere_is_no_hosts_trouble(package):
    """A file of which only a part was written never raises, and never stores."""
    result = package.run(
        """
path = os.path.join(os.path.dirname(modelkit_events.__file__), "model_kit_action.py")
with open(path, encoding="utf-8") as file:
    lines = file.readlines()
sys.dont_write_bytecode = True
found = set()
for end in range(0, len(lines), 3):
    for part in ("", lines[end][: len(lines[end]) // 2]):
        with open(path, "w", encoding="utf-8") as file:
            file.writelines([*lines[:end], part])
        for name in [name for name in sys.modules if name.startswith("modelkit_events")]:
            del sys.modules[name]
        import modelkit_events
        CATALOGUE = modelkit_events.CATALOGUE
        configure()
        found.add((action(), heartbeat()))
        CATALOGUE.client.close()
result = sorted(found)
        """
    )

    assert result == [[MEANING, MEANING]]


@pytest.mark.parametrize("newer", [True, False])
def test_a_package_module_of_another_generation(package, later, newer):
    """It knows other emitters than the rest; each drops, and nothing is stored."""
    if newer:
        package.take("__init__", later)
    else:
        for module in later.glob("*.py"):
            if module.stem != "__init__":
                package.take(module.stem, later)

    result = package.run(
        """
configure()
extra = str(modelkit_events.emit_model_kit_extra().drop_reason)
result = [extra, action(), heartbeat(), CATALOGUE.damage.partition(":")[0], stored(),
          hasattr(modelkit_events, "no_emitter")]
        """
    )

    assert result == [MEANING, MEANING, MEANING, "modelkit_events", 0, False]


def test_an_emitter_that_the_package_never_had_stays_an_error(package):
    """A whole package answers as any module does."""
    package.damage("model_kit_action", "fails when run")

    result = package.run(
        """
result = []
for name in ("emit_model_kit_extra", "no_emitter", "_types"):
    try:
        getattr(modelkit_events, name)
    except AttributeError as error:
        result.append(str(error))
        """
    )

    names = ("emit_model_kit_extra", "no_emitter", "_types")
    assert result == [f"module 'modelkit_events' has no attribute '{name}'" for name in names]


def test_a_sender_sends_nothing_that_it_cannot_check(package, later, collector):
    """Lines of another generation whose module cannot be used are dropped and counted."""
    assert package.run(
        "configure()\nresult = [heartbeat(), action(), action(), heartbeat(), stored()]"
    ) == [*["None"] * 4, 4]
    for module in later.glob("*.py"):
        if module.stem != "model_kit_action":
            package.take(module.stem, later)
    (package.home / "hostkeys.py").write_text(f'IKEY = "{KEY}"\n')

    sent = package.declarant(
        *("send", "modelkit_events", "--endpoint", collector.url, "--ikey-ref", "hostkeys:IKEY"),
        *("--store", str(package.hosts.folder)),
    )

    assert (sent.returncode, sent.stderr) == (0, "")
    assert sent.stdout.splitlines() == [
        "accepted 2, dropped 2",
        "  2 PACKAGE_DAMAGED: the generated package is damaged, or mixed from two generations",
    ]
    assert [json.loads(e.text)["name"] for e in collector.accepted()] == ["ModelKitHeartbeat"] * 2


def test_a_host_that_sends_meets_a_damaged_module(package, later, collector):
    """What it cannot check it drops; and from then on it takes no event itself."""
    package.run("configure()\nresult = [heartbeat(), action(), stored()]")
    for module in later.glob("*.py"):
        package.take(module.stem, later)
    package.damage("model_kit_action", "zeros")
    package.hosts.endpoint = collector.url

    result = package.run(
        """
configure()
before = heartbeat()
sent = CATALOGUE.client.flush(30)
result = [before, sent, heartbeat(), CATALOGUE.client.counts()["dropped"]]
        """
    )

    assert result == ["None", True, MEANING, {MEANING: 2}]
    assert len(collector.accepted()) == 2


def test_a_damaged_catalogue_costs_nothing_that_waits(package, collector):
    """No sender takes what waits for withdrawn because it can read no catalogue."""
    package.run("configure()\nresult = [heartbeat(), action(), stored()]")
    package.damage("_catalogue", "empty")
    (package.home / "hostkeys.py").write_text(f'IKEY = "{KEY}"\n')
    store = package.hosts.folder
    before = {path.name: path.read_bytes() for path in store.glob("*.ndjson")}

    asked = package.declarant(
        *("send", "modelkit_events", "--endpoint", collector.url, "--ikey-ref", "hostkeys:IKEY"),
        *("--store", str(store)),
    )
    package.hosts.run(
        f"""
        from declarant._detached import main
        main("modelkit_events", store, {collector.url!r}, "hostkeys:IKEY", "0")
        """,
        env=package.environment,
    )

    assert asked.returncode == 2
    assert asked.stderr.startswith(
        "declarant send: modelkit_events._catalogue: expected a generated module, found one that "
        "fails with AttributeError; run `declarant generate`"
    )
    assert {path.name: path.read_bytes() for path in store.glob("*.ndjson")} == before
    assert before
    assert collector.accepted() == []


def test_a_check_of_an_envelope_says_what_is_wrong(package, later):
    """A tool is told in words that an event cannot be checked; the first damage is kept."""
    package.take("model_kit_action", later)
    package.damage("model_kit_heartbeat", "empty")

    result = package.run(
        """
from declarant import DeclarantError
result = []
for name in ("ModelKitAction", "ModelKitHeartbeat"):
    envelope = {"ver": "4.0", "name": name, "time": "", "iKey": "", "ext": {}, "data": {}}
    try:
        CATALOGUE.violations(envelope)
    except DeclarantError as error:
        result.append(str(error).partition(":")[0])
result.append(CATALOGUE.damage.partition(":")[0])
        """
    )

    modules = [f"modelkit_events.model_kit_{name}" for name in ("action", "heartbeat", "action")]
    assert result == modules


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
def test_what_the_host_raises_in_the_midst_of_an_import_stays_the_hosts(package):
    """A signal's handler may end the process, and be it while a module is imported."""
    module = package.folder / "model_kit_action.py"
    module.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n" * 2, "utf-8")

    result = package.run(
        """
import signal

def leave(*_):
    raise SystemExit(7)

signal.signal(signal.SIGTERM, leave)
configure()
try:
    result = action()
except SystemExit as error:
    result = error.code
        """
    )

    assert result == 7
