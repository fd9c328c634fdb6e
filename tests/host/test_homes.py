"""Homes, working folders and temporary folders in every state."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs homes as POSIX has them")

#: Without a store of the test's own: in the platform's place.
AT_HOME = "start(store_folder=None, delivery={delivery!r}, exit_budget_s=0.2)\nemit()\nemit()"
DELIVERIES = pytest.mark.parametrize("delivery", ["thread", "detached"])

UNUSABLE = {
    "not there": "{folder}/nothing/at/all",
    "a file": "/etc/hostname",
    "a device": "/dev/null",
    "relative": "some/where",
    "too long": "/" + "x" * 4000,
    "of the system": "/proc/1",
    "no text": "{folder}/\udcff",
}


@DELIVERIES
@pytest.mark.parametrize("home", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_a_home_that_is_none(twins, delivery, home):
    """No store can be made there: every event is counted, and nobody hears of it."""
    places = {
        "HOME": home.replace("{folder}", str(twins.folder)),
        "XDG_STATE_HOME": None,
        "XDG_CONFIG_HOME": None,
    }
    twins.run(AT_HOME.format(delivery=delivery), events=None, environment=places)

    found = sum(twins.dropped().values())
    # Where it can be made, it is.
    assert found in (0, 2)
    if home in ("/etc/hostname", "/dev/null", "/proc/1") or len(home) > 4000:
        assert found == 2


@DELIVERIES
@pytest.mark.parametrize("home", [None, ""])
def test_no_variable_names_a_home(twins, delivery, home):
    """The system's own list of users does; this test has none of it."""
    nobody = "import pwd\npwd.getpwuid = lambda _: {}[0]\n"
    twins.run(
        nobody + AT_HOME.format(delivery=delivery),
        events=2,
        environment={"HOME": home, "XDG_STATE_HOME": None, "XDG_CONFIG_HOME": None},
    )
    assert twins.dropped() == {"STORE_FAILED": 2}


@DELIVERIES
def test_a_working_folder_that_was_deleted(twins, delivery):
    """Whatever asks for the working folder gets an error."""
    twins.run(
        f"""
        import os
        os.makedirs("gone", exist_ok=True)
        os.chdir("gone")
        os.rmdir("../gone")
        start(delivery="{delivery}", exit_budget_s=0.2)
        emit()
        start(delivery="{delivery}", exit_budget_s=0.2, store_folder="relative")
        emit()
        """,
        events=2,
    )
    assert twins.dropped() == {"STORE_FAILED": 1}


@pytest.mark.parametrize("umask", ["0", "0o777", "0o077"])
def test_a_umask_opens_nothing_and_stops_nothing(twins, umask):
    """No file is anybody else's to read, no folder anybody else's to change."""
    twins.run(
        f"""
        import os
        os.umask({umask})
        start(store_folder=os.path.join(os.environ["HOST_STORE"], "..", "a", "b"))
        emit()
        start(store_folder=os.environ["HOST_STORE"])
        emit()
        """,
        events=None,
    )
    made = [*twins.folder.glob("a"), *twins.folder.glob("a/**/*"), *twins.store.rglob("*")]
    for path in (twins.store, *made):
        assert path.stat().st_mode & 0o022 == 0, path
        if not path.is_dir():
            assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's mount namespaces")
@DELIVERIES
def test_no_temporary_folder(twins, delivery):
    """`/tmp` and all of its names are read-only: nothing of ours goes there."""
    private = ["unshare", "--mount", "--map-root-user"]
    if subprocess.run([*private, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs mount namespaces, which this machine does not allow")
    closed = " && ".join(
        f"mount -t tmpfs -o ro,size=4k tmpfs {place}" for place in ("/var/tmp", "/dev/shm")
    )
    twins.run(
        f"""
        import tempfile
        try:
            print(tempfile.gettempdir() != "")
        except FileNotFoundError:
            print("none")
        start(delivery="{delivery}", exit_budget_s=0.2)
        emit()
        """,
        events=1,
        environment={"TMPDIR": "/nowhere", "TEMP": None, "TMP": None},
        shell=f'exec {" ".join(private)} sh -c \'{closed}; exec "$@"\' sh "$@"',
    )


def test_no_temporary_folder_is_ever_asked_for(twins):
    """Neither by an emit nor at exit."""
    said = twins.run(
        """
        import atexit, sys
        atexit.register(lambda: print("tempfile" in sys.modules))
        start(delivery="detached", sender_interval_s=0)
        emit()
        """,
        events=1,
    )
    assert said.out == "False\n"
