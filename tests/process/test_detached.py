"""The detached sender, end to end: what it is told, what it may import, whom it makes wait."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/cmdline").exists(),
    reason="needs /proc, to find processes by their command line",
)

KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"

HOST = """
    configure("detached", ikey=None, ikey_ref="hostkeys:IKEY", sender_interval_s=1)
    for n in range(5):
        assert emit(n)
    """


@pytest.fixture
def with_key(tmp_path, environment):
    """Give a host the module that holds its key, in a folder of its own."""
    home = tmp_path / "host"
    home.mkdir()
    (home / "hostkeys.py").write_text(f'IKEY = "{KEY}"\n')
    before = environment.get("PYTHONPATH", "")
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(home), before)))
    return environment


def numbers(collector):
    return sorted(json.loads(e.text)["data"]["duration_ms"] for e in collector.accepted())


def senders(folder):
    """Return the process ids of the running senders of the store *folder*."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            line = (process / "cmdline").read_bytes() if process.name.isdigit() else b""
        except OSError:
            continue
        if b"declarant._detached" in line and os.fsencode(str(folder)) in line:
            found.append(int(process.name))
    return found


@pytest.fixture
def slow_collector():
    """A collector that takes the request and answers nothing until it is told to."""
    listener = socket.create_server(("127.0.0.1", 0))
    connected, answer = threading.Event(), threading.Event()
    heard = []

    def serve():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            heard.append(connection.recv(65536))
            connected.set()
            answer.wait(60)
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + b'{"acc":5}')
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}/OneCollector/1.0/"
    yield endpoint, connected, answer, heard
    answer.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)


def test_events_arrive_after_the_host_has_gone(hosts, collector, with_key, wait_until):
    """The host exits, and its events come."""
    hosts.endpoint = collector.url
    hosts.run(HOST, env=with_key)

    wait_until(lambda: len(collector.accepted()) == 5)
    assert numbers(collector) == list(range(5))
    wait_until(lambda: not list(hosts.folder.glob("*.ndjson")))


def test_the_key_is_in_no_argument_variable_or_file(hosts, with_key, slow_collector, wait_until):
    """While the sender is at work nobody else can read the key off it."""
    endpoint, connected, answer, heard = slow_collector
    hosts.endpoint = endpoint
    hosts.run(HOST, env=with_key)
    assert connected.wait(30)

    (sender,) = senders(hosts.folder)
    secret = KEY.partition("-")[2].encode()
    for name in ("cmdline", "environ"):
        assert secret not in Path(f"/proc/{sender}/{name}").read_bytes()
    for path in hosts.folder.iterdir():
        assert secret not in path.read_bytes()
    assert f"x-apikey: {KEY}".encode() in heard[0]
    assert Path(f"/proc/{sender}/cwd").resolve() == hosts.folder
    # A session of its own: no terminal's hang-up or interrupt reaches it.
    assert os.getsid(sender) == sender
    for stream in (0, 1, 2):
        assert Path(f"/proc/{sender}/fd/{stream}").readlink() == Path("/dev/null")
    answer.set()
    wait_until(lambda: not senders(hosts.folder))


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_sender_keeps_bytecode_only_where_its_host_does(
    hosts, collector, with_key, tmp_path, wait_until, is_kept
):
    """Its own interpreter hears of no variable."""
    hosts.endpoint = collector.url
    hosts.run(
        f"""
        import sys
        sys.dont_write_bytecode = {not is_kept}
        configure("detached", ikey=None, ikey_ref="hostkeys:IKEY", exit_budget_s=1000)
        assert emit()
        """,
        env=with_key,
    )
    wait_until(lambda: numbers(collector))

    assert (tmp_path / "host" / "__pycache__").exists() is is_kept


def test_nothing_in_the_working_directory_is_imported(hosts, collector, with_key, wait_until):
    """A hostile module lies where the host was started, and the host's own path names the place."""
    trap = hosts.work / "sprung"
    # The first three are imported before the sender leaves that place; requests looks for the last
    # two wherever it can.
    early = ("declarant", "signal", "threading")
    for name in (*early, "requests", "urllib3", "gzip", "ssl", "chardet", "simplejson"):
        (hosts.work / f"{name}.py").write_text(f"open({str(trap)!r}, 'w').close()\n")
    hosts.endpoint = collector.url
    hosts.run(
        """
        sys.path[:] = [entry for entry in sys.path if entry]
        os.chdir(sys.argv[3])
        sys.path.append(os.getcwd())
        """
        + HOST.replace("\n    ", "\n        "),
        str(hosts.work),
        env=with_key,
        cwd=hosts.work.parent,
    )

    wait_until(lambda: len(collector.accepted()) == 5)
    wait_until(lambda: not senders(hosts.folder))
    assert not trap.exists()


def test_a_host_that_runs_in_its_own_folder_delivers(hosts, collector, tmp_path, wait_until):
    """Its own modules lie in the working directory; they are found, but stand in for no library."""
    (hosts.work / "hostkeys.py").write_text(f'IKEY = "{KEY}"\n')
    trap = tmp_path / "sprung"
    (hosts.work / "chardet.py").write_text("")
    hosts.endpoint = collector.url
    hosts.run(HOST)
    # Only now, so that the host itself does not fall for it.
    (hosts.work / "requests.py").write_text(f"open({str(trap)!r}, 'w').close()\n")

    wait_until(lambda: len(collector.accepted()) == 5)
    assert not trap.exists()


def test_relative_entries_of_the_path_work(hosts, collector, wait_until):
    """A host that found its modules by a relative path is followed to where they are."""
    inside = hosts.work / "src"
    inside.mkdir()
    (inside / "hostkeys.py").write_text(f'IKEY = "{KEY}"\n')
    hosts.endpoint = collector.url
    hosts.run("sys.path.insert(0, 'src')\n" + HOST.replace("\n    ", "\n"))

    wait_until(lambda: len(collector.accepted()) == 5)


def test_a_pipe_that_the_host_passes_on_is_not_kept(hosts, with_key, slow_collector):
    """Who reads the host's output, or any inheritable pipe of it, sees the end at its exit."""
    endpoint, connected, _, _ = slow_collector
    hosts.endpoint = endpoint
    read, write = os.pipe()
    os.set_inheritable(write, True)
    process = hosts.start(
        f"os.set_inheritable({write}, True)\n" + HOST.replace("\n    ", "\n"),
        env=with_key,
        pass_fds=(write,),
    )
    os.close(write)
    # Both end only when nobody has the writing end any more.
    out, err = process.communicate(timeout=60)
    with os.fdopen(read, "rb") as pipe:
        assert pipe.read() == b""

    assert (process.returncode, out, err) == (0, "", "")
    assert connected.wait(30)
    assert senders(hosts.folder)


def test_commands_in_a_row_start_one_sender(hosts, with_key, slow_collector):
    """Another command within the interval leaves its events to the next."""
    endpoint, connected, _, _ = slow_collector
    hosts.endpoint = endpoint
    for _ in range(3):
        hosts.run(HOST.replace("sender_interval_s=1", "sender_interval_s=60"), env=with_key)
    assert connected.wait(30)

    assert len(senders(hosts.folder)) == 1


def test_no_second_sender_while_one_hangs(hosts, with_key, slow_collector):
    """However long a request takes: commands after the interval start none that would only wait."""
    endpoint, connected, _, _ = slow_collector
    hosts.endpoint = endpoint
    hosts.run(HOST, env=with_key)
    assert connected.wait(30)
    first = senders(hosts.folder)
    for _ in range(3):
        # The interval, which is 1 s, is over.
        os.utime(hosts.folder / "sender.lock", (1, 1))
        hosts.run(HOST, env=with_key)

    assert len(first) == 1
    assert senders(hosts.folder) == first


def test_a_sender_stays_for_the_commands_after_its_own(hosts, collector, with_key, wait_until):
    """A command within the interval starts no sender; its events arrive without a further one."""
    hosts.endpoint = collector.url
    code = HOST.replace("sender_interval_s=1", "sender_interval_s=4")
    hosts.run(code, env=with_key)
    wait_until(lambda: len(collector.accepted()) == 5)
    hosts.run(code, env=with_key)

    wait_until(lambda: len(collector.accepted()) == 10)


def test_a_host_that_emits_nothing_starts_nothing(hosts, with_key, slow_collector):
    """No event, no sender, no segment."""
    hosts.endpoint = slow_collector[0]
    hosts.run('configure("detached", ikey=None, ikey_ref="hostkeys:IKEY")', env=with_key)

    assert senders(hosts.folder) == []
    assert not (hosts.folder / "sender.lock").exists()


def test_the_key_modules_own_telemetry_starts_no_chain(
    hosts, collector, with_key, tmp_path, wait_until
):
    """Importing the key may run the host's set-up; the sender ends without its exit handlers."""
    home = tmp_path / "host"
    mark = tmp_path / "exited"
    (home / "hostkeys.py").write_text(
        f'import atexit, sys\nIKEY = "{KEY}"\n'
        # The sender is told more than the host.
        f"if len(sys.argv) > 4:\n"
        f'    atexit.register(lambda: open({str(mark)!r}, "w").close())\n'
    )
    hosts.endpoint = collector.url
    hosts.run(HOST, env=with_key)

    wait_until(lambda: len(collector.accepted()) == 5)
    wait_until(lambda: not senders(hosts.folder))
    assert not mark.exists()


def test_a_long_lived_host_collects_no_zombies(hosts, collector, with_key):
    """Starting a sender buries those that have ended."""
    hosts.endpoint = collector.url
    said = hosts.run(
        """
        from declarant import _spawn
        for turn in range(4):
            configure("detached", ikey=None, ikey_ref="hostkeys:IKEY", sender_interval_s=0)
            emit(turn)
            CATALOGUE.client.close()
            for process in list(_spawn._started):
                os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
        print(len(_spawn._started))
        """,
        env=with_key,
    )

    assert said == "1"


@pytest.mark.parametrize("missing", ["executable", "python"])
def test_a_host_that_is_no_python_sends_from_within(hosts, collector, missing):
    """Where no sender can be started, the exit budget is used."""
    hosts.endpoint = collector.url
    place = "/nowhere/python3" if missing == "python" else "/usr/bin/app"
    hosts.run(
        f"""
        configure("detached", exit_budget_s=20)
        emit(1)
        sys.executable = {place!r}
        """
    )

    assert numbers(collector) == [1]


def test_a_deleted_working_directory_does_not_matter(hosts, collector, with_key, wait_until):
    """The host's folder vanished while it ran."""
    hosts.endpoint = collector.url
    gone = hosts.work / "gone"
    gone.mkdir()
    hosts.run(HOST + "\n    os.chdir('gone'); os.rmdir('../gone')", env=with_key)

    wait_until(lambda: len(collector.accepted()) == 5)


def test_a_sender_whose_store_is_gone_just_ends(hosts, collector, with_key, wait_until):
    """Deleting everything between exit and send is the user's right."""
    hosts.endpoint = collector.url
    hosts.run(HOST, env=with_key)
    shutil.rmtree(hosts.folder, ignore_errors=True)

    wait_until(lambda: not senders(hosts.folder))
