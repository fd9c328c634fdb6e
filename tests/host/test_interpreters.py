"""Interpreters with every flag, and programs that watch or end them in odd ways."""

from __future__ import annotations

import os
import sys
import zipapp

import pytest

FLAGS = ["-I", "-S", "-E", "-s", "-O", "-OO", "-B", "-bb", "-Werror", "-Xdev", "-Xutf8=0", "-u"]
if sys.version_info >= (3, 11):
    FLAGS += ["-P", "-Xfrozen_modules=off"]


@pytest.mark.parametrize("delivery", ["thread", "detached"])
@pytest.mark.parametrize("flag", [*FLAGS, "-I -S -OO -Werror"])
def test_flags(twins, flag, delivery):
    """Asserts and docstrings gone, warnings as errors, no site, no working folder on the path."""
    twins.run(
        f"""
        start(delivery="{delivery}", exit_budget_s=1, flush_interval_s=0.01)
        emit()
        emit(-1)
        print(sys.flags.optimize, sys.flags.isolated)
        """,
        events=2,
        flags=flag.split(),
    )
    assert twins.dropped() == {"INVALID_EVENT": 1}


@pytest.mark.parametrize("delivery", ["thread", "detached"])
def test_one_zip_file(twins, collector, delivery):
    """The program and all it needs; the notice, the key and the sender come out of it, too."""

    def pack():
        content = twins.folder / "content"
        for place in (twins.folder / "host", *twins.packages):
            for name in ("host", "host_keys", "modelkit_events", "declarant"):
                _copy(place, name, content)
        (content / "__main__.py").write_bytes((twins.work / "program.py").read_bytes())
        zipapp.create_archive(content, twins.work / "program.pyz", compressed=True)
        return ["program.pyz"]

    twins.run(
        f"""
        import modelkit_events
        # Not from the folders that other tests use.
        sys.path[:] = [place for place in sys.path if "modelkit_events" not in str(place)]
        start(delivery="{delivery}", exit_budget_s=5)
        emit()
        start(delivery="{delivery}", exit_budget_s=5, consent="ask")
        """,
        events=None,
        program=pack,
    )
    assert twins.found() == 1
    del collector


def _copy(place, name, content):
    for path in [place / f"{name}.py", *(place / name).rglob("*")]:
        target = content / path.relative_to(place)
        if path.is_file() and path.suffix != ".pyc" and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


def test_the_order_of_exit_handlers(twins):
    """Handlers before and after ours, finalizers and destructors may all emit."""
    twins.run(
        """
        import atexit, weakref
        atexit.register(lambda: (emit(1), print("last")))
        start(delivery="thread", exit_budget_s=0.2)
        atexit.register(lambda: (emit(2), print("first")))
        class Thing:
            def __del__(self):
                print("gone")
        thing = Thing()
        weakref.finalize(thing, emit, 3)
        thing.itself = thing
        emit(4)
        """,
        events=4,
    )


def test_the_first_emit_of_a_dying_interpreter(twins):
    """Nothing can be imported then: the event may be lost, but the package is not to blame."""
    twins.run(
        """
        start(delivery="manual")
        class Thing:
            def __del__(self):
                emit()
        thing = Thing()
        thing.itself = [thing]
        """,
        events=1,
    )

    # How long imports work at the end differs between versions of Python.
    assert set(twins.dropped()) <= {"INTERNAL"}


@pytest.mark.parametrize("daemon", [False, True])
@pytest.mark.parametrize("delivery", ["thread", "detached"])
def test_threads_that_emit_until_the_end(twins, end_beside_daemons, daemon, delivery):
    """Daemon threads go on while the interpreter goes; nothing crashes and nothing is said."""
    count = "iter(int, 1)" if daemon else "range(500)"
    end = end_beside_daemons if daemon else ""
    twins.run(
        f"""
        import threading, time
        start(delivery="{delivery}", flush_interval_s=0.001, exit_budget_s=0.1)
        def work():
            for _ in {count}:
                emit()
        for _ in range(4):
            threading.Thread(target=work, daemon={daemon}).start()
        time.sleep(0.1)
        print("end")
        {end}
        """,
        events=None if daemon else 2000,
    )


@pytest.mark.parametrize("watch", ["sys.settrace", "sys.setprofile", "threading.settrace"])
def test_a_program_that_is_watched(twins, watch):
    """Debuggers, coverage and profilers see our frames, and change nothing."""
    twins.run(
        f"""
        import threading
        seen = []
        def look(frame, event, argument):
            seen.append(event)
            return look
        {watch}(look)
        start(delivery="thread", exit_budget_s=0.2)
        emit()
        {watch}(None)
        emit()
        """,
        events=2,
    )


def test_a_debugger_that_is_quit(twins):
    """It ends the program, also while it is in the middle of an emit."""
    said = twins.run(
        """
        import bdb
        start()
        emit()
        def look(frame, event, argument):
            if frame.f_code.co_name in ("append", "_nothing"):
                raise bdb.BdbQuit
            return look
        sys.settrace(look)
        try:
            emit()
        except bdb.BdbQuit:
            print("quit")
        """,
        events=1,
    )
    assert said.out == "quit\n"


@pytest.mark.parametrize("delivery", ["manual", "thread", "detached"])
def test_an_audit_hook_that_forbids_everything(twins, delivery):
    """A sandbox of the host's: telemetry is off, and the program goes on."""
    twins.run(
        f"""
        import atexit
        forbidden = True
        def look(event, arguments):
            if forbidden and event.partition(".")[0] in ("open", "os", "import", "socket"):
                raise RuntimeError(event)
        def allow():
            global forbidden
            forbidden = False
        atexit.register(allow)
        sys.addaudithook(look)
        start(delivery="{delivery}", exit_budget_s=0.2)
        emit()
        emit()
        """,
        events=2,
    )


@pytest.mark.parametrize("event", ["open", "os.posix_spawn", "socket.connect", "import"])
@pytest.mark.parametrize("delivery", ["thread", "detached"])
def test_an_audit_hook_that_forbids_one_thing_later(twins, event, delivery):
    """What was stored stays; what cannot be done is left."""
    twins.run(
        f"""
        import atexit
        start(delivery="{delivery}", exit_budget_s=0.2, flush_interval_s=0.01)
        emit()
        forbidden = True
        def look(event, arguments):
            if forbidden and event == "{event}":
                raise PermissionError(event)
        def allow():
            global forbidden
            forbidden = False
        sys.addaudithook(look)
        emit()
        import time
        time.sleep(0.05)
        from host import account
        atexit.unregister(account)
        atexit.register(account)
        atexit.register(allow)
        """,
        events=2,
    )


@pytest.mark.parametrize("event", ["import", "open", "exec"])
@pytest.mark.parametrize("bound", ["modelkit_events.emit_model_kit_action", "emit_early"])
def test_an_audit_hook_that_forbids_the_first_emitters_code(twins, event, bound):
    """The events of that time are lost, and counted; the package is not taken for damaged."""
    twins.run(
        f"""
        import modelkit_events
        start()
        forbidden = True
        def look(event, arguments):
            if forbidden and event == "{event}" and "model_kit_action" in str(arguments[0]):
                raise PermissionError(event)
        sys.addaudithook(look)
        # Bound once, as by `from modelkit_events import ...`.
        emit_early = modelkit_events.emit_model_kit_action
        values = dict(invoked_from="Script", action_name="build", device=None, ep=None,
                      duration_ms=1, success=True)
        for forbidden in (True, True, False, False, False):
            {bound}(**values)
        try:
            {bound}(surprise=1)
        except TypeError:
            pass
        """,
        events=5,
    )
    assert twins.dropped() == {"INTERNAL": 2}


def test_a_machine_without_descriptors_at_the_first_emit(twins):
    """What is missing for a while is no damage; the store, too, tries again later."""
    twins.run(
        """
        import os, resource
        start(delivery="thread", exit_budget_s=0.2)
        usual = resource.getrlimit(resource.RLIMIT_NOFILE)
        lowest = os.open(os.devnull, os.O_RDONLY)
        os.close(lowest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, usual[1]))
        emit()
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)
        emit()
        """,
        events=2,
    )
    assert twins.dropped() == {"INTERNAL": 1, "STORE_FAILED": 1}


def test_an_emit_while_the_emitter_is_being_imported(twins):
    """As by a signal handler: that one event is lost, and the package is not taken for damaged."""
    twins.run(
        """
        start()
        def look(event, arguments):
            if event == "exec" and "model_kit_action" in arguments[0].co_filename:
                emit()
        sys.addaudithook(look)
        emit()
        emit()
        """,
        events=None,
    )
    assert twins.dropped() == {"PACKAGE_DAMAGED": 1}
    assert twins.found() == 3


def test_event_loops(twins):
    """Tasks, threads of a loop, cancelled tasks; in the loop's own debugging mode."""
    twins.run(
        """
        import asyncio
        start(delivery="thread", exit_budget_s=0.2)
        async def wait():
            try:
                await asyncio.sleep(100)
            finally:
                emit()
        async def main():
            task = asyncio.create_task(wait())
            await asyncio.gather(*(asyncio.to_thread(emit) for _ in range(10)))
            emit()
            task.cancel()
        asyncio.run(main(), debug=True)
        asyncio.run(main(), debug=True)
        """,
        events=24,
        flags=["-Xdev", "-Werror"],
    )


def test_nothing_global_is_changed(twins):
    """Signals, locale, mask, folder, limits, random numbers, warnings, logging."""
    twins.run(
        """
        import locale, logging, os, random, signal, warnings
        def everything():
            return (
                [signal.getsignal(number) for number in signal.valid_signals()],
                locale.setlocale(locale.LC_ALL), os.getcwd(), os.umask(os.umask(0)),
                sys.getrecursionlimit(), sys.getswitchinterval(), random.random(),
                list(warnings.filters), logging.root.handlers, logging.root.level,
                logging.getLogger("declarant").handlers, sys.excepthook is sys.__excepthook__,
                dict(os.environ),
            )
        random.seed(1)
        first = everything()
        start(delivery="thread", flush_interval_s=0.01, exit_budget_s=0.2)
        emit()
        random.seed(1)
        print(everything() == first)
        """,
        events=1,
    )


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
@pytest.mark.parametrize("delivery", ["thread", "detached"])
def test_a_program_from_standard_input(twins, delivery):
    """There is no file of it, and no folder."""
    twins.run(
        f"""
        start(delivery="{delivery}", exit_budget_s=0.2)
        emit()
        print(__name__)
        """,
        events=1,
        program=lambda: ["-"],
        shell='exec "$@" < program.py',
    )
