"""Processes that fork, spawn and end in every way."""

from __future__ import annotations

import os
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX processes")


@pytest.mark.parametrize("delivery", ["manual", "thread", "detached"])
def test_a_fork_after_the_parents_emit(twins, delivery):
    """Parent and child emit before and after; Python has no reason to warn of our thread."""
    twins.run(
        f"""
        import os
        start(delivery="{delivery}", exit_budget_s=0.2)
        emit()
        for _ in range(3):
            child = os.fork()
            if child == 0:
                emit()
                os._exit(0)
            os.waitpid(child, 0)
        emit()
        """,
        events=5,
    )


def test_a_child_that_ends_by_itself(twins):
    """It runs the exit handlers that it inherited."""
    twins.run(
        """
        import os
        start(delivery="thread", exit_budget_s=0.2)
        emit()
        child = os.fork()
        emit()
        if child:
            os.waitpid(child, 0)
        print("done")
        """,
        events=3,
    )


def test_forks_in_threads_beside_emits(twins):
    """Whatever lock another thread held at the fork, the child has none of it."""
    twins.run(
        """
        import os, threading, warnings
        # The threads are the host's own.
        warnings.simplefilter("ignore", DeprecationWarning)
        start()
        def work():
            for _ in range(5):
                child = os.fork()
                if child == 0:
                    emit()
                    os._exit(0)
                os.waitpid(child, 0)
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(500):
            emit()
        for thread in threads:
            thread.join()
        """,
        events=515,
    )


@pytest.mark.parametrize("which", ["modelkit_events.model_kit_action", "declarant._uncommon"])
def test_a_fork_waits_for_an_import(twins, which):
    """A child finds no module half imported, under the lock of a thread that it does not have."""
    twins.run(
        f"""
        import os, signal, sys, threading, time
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        begun = threading.Event()
        class Slow:
            def find_spec(self, name, path=None, target=None):
                if name == {which!r}:
                    begun.set()
                    time.sleep(0.5)
                return None
        sys.meta_path.insert(0, Slow())
        start()
        thread = threading.Thread(target=emit, args=(7.0,))
        thread.start()
        # Without telemetry nothing is imported.
        begun.wait(1)
        child = os.fork()
        if child == 0:
            # Whoever waits for a lock of nobody is ended by this.
            signal.alarm(30)
            emit(7.0)
            os._exit(0)
        print(os.waitpid(child, 0)[1])
        thread.join()
        """,
        events=2,
    )


@pytest.mark.parametrize("logs", ["", "import logging", "start(); import logging"])
@pytest.mark.parametrize("which", ["requests", "urllib3.connection", "declarant._onecollector"])
def test_a_fork_waits_for_the_first_send(twins, which, logs):
    """What the sender's thread loads, the child can load; `logging` has a lock of its own."""
    twins.run(
        f"""
        import os, signal, sys, threading, time
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        begun = threading.Event()
        class Slow:
            def find_spec(self, name, path=None, target=None):
                if name == {which!r} and threading.current_thread() is not threading.main_thread():
                    begun.set()
                    time.sleep(0.5)
                return None
        sys.meta_path.insert(0, Slow())
        {logs}
        start(delivery="thread", flush_interval_s=0.01, exit_budget_s=0.2)
        emit()
        # Without telemetry nothing is imported.
        begun.wait(1)
        for _ in range(2):
            child = os.fork()
            if child == 0:
                # Whoever waits for a lock of nobody is ended by this.
                signal.alarm(60)
                import requests
                emit()
                os._exit(0)
            print(os.waitpid(child, 0)[1])
        """,
        events=3,
    )


def test_what_a_parent_dropped_is_not_its_childs(twins):
    """Counts go to one process, whichever records them."""
    twins.run(
        """
        import os
        start(store_folder="/dev/null/nowhere")
        emit()
        child = os.fork()
        if child == 0:
            start()
            emit()
            sys.exit()
        os.waitpid(child, 0)
        """,
        events=2,
    )
    assert twins.dropped() == {"STORE_FAILED": 1}


def test_a_fork_of_a_program_that_is_off(twins):
    """Never set up, it drops and counts all the same: in the child under no other thread's lock."""
    twins.run(
        """
        import modelkit_events, os, threading, warnings
        # The thread is the host's own.
        warnings.simplefilter("ignore", DeprecationWarning)
        emit()
        catalogue = getattr(modelkit_events, "CATALOGUE", None)
        lock = catalogue.client._drops._lock if catalogue else threading.Lock()
        is_held, may_go = threading.Event(), threading.Event()
        def count():
            with lock:
                is_held.set()
                may_go.wait()
        thread = threading.Thread(target=count)
        thread.start()
        is_held.wait()
        child = os.fork()
        if child == 0:
            emit()
            account()
            os._exit(0)
        print(os.waitpid(child, 0)[1])
        may_go.set()
        thread.join()
        """,
        events=2,
    )
    assert twins.dropped() == {"NOT_CONFIGURED": 2}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(twins, method):
    """Workers that set telemetry up, or inherit it."""
    twins.run(
        f"""
        import multiprocessing, warnings
        def work(number):
            start(exit_budget_s=0.2)
            return number if emit(number) else None
        if __name__ == "__main__":
            start(exit_budget_s=0.2)
            emit()
            with multiprocessing.get_context("{method}").Pool(2) as pool:
                print(pool.map(work, range(6)))
            emit()
        """,
        events=8,
    )


@pytest.mark.parametrize(
    "end", ["os._exit(3)", "os.abort()", "os.kill(os.getpid(), 9)", "sys.exit(7)", "1 / 0"]
)
@pytest.mark.parametrize("delivery", ["thread", "detached"])
def test_every_end_is_the_hosts_own(twins, end, delivery):
    """Exit code, traceback and signal are those of the program; its events are on disk."""
    twins.run(
        f"""
        import os
        start(delivery="{delivery}", exit_budget_s=0.2)
        for number in range(10):
            emit(number)
        {end}
        """,
        events=10,
    )


def test_a_replaced_process(twins):
    """`exec` runs no exit handler, and no file of ours stays open in what comes after."""
    said = twins.run(
        """
        import os
        start(delivery="thread")
        emit()
        show = "import os; print([fd for fd in range(3, 64) if os.path.exists(f'/dev/fd/{fd}')])"
        os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", show])
        """,
        events=1,
    )
    assert said.out == "[]\n"


def test_a_subinterpreter(twins):
    """It has no daemon threads; events wait on disk."""
    twins.run(
        """
        code = f"import sys; sys.path[:0] = {sys.path!r}\\n" + '''if True:
            from host import emit, start
            start(delivery="thread")
            emit()
            emit()
        '''
        try:
            import _interpreters as interpreters
            run = interpreters.exec
        except ImportError:
            import _xxsubinterpreters as interpreters
            run = interpreters.run_string
        inner = interpreters.create()
        print(run(inner, code))
        interpreters.destroy(inner)
        start(delivery="thread", exit_budget_s=0.2)
        emit()
        """,
        events=3,
    )


@pytest.mark.skipif(not hasattr(os, "posix_spawn"), reason="needs posix_spawn")
def test_a_hosts_children_are_its_own(twins):
    """A detached sender does not turn up where a host waits for any child of its."""
    twins.run(
        """
        import os
        start(delivery="detached", sender_interval_s=0, ikey_ref="host_keys:IKEY")
        emit()
        try:
            print(os.waitpid(-1, os.WNOHANG))
        except ChildProcessError:
            print("no children")
        """,
        events=1,
    )


@pytest.mark.skipif(not hasattr(os, "posix_spawn"), reason="needs posix_spawn")
@pytest.mark.parametrize("end", ["raise MemoryError", "os.abort()", "os.kill(0, 9)"])
def test_a_detached_sender_that_fails(twins, end):
    """It complains, crashes or kills its whole group; nobody hears of it, and the event waits."""
    reached = twins.folder / "reached"
    keys = twins.folder / "host" / "host_keys.py"
    # What the sender imports, as the host did before.
    keys.write_text(
        f"""{keys.read_text()}
import os, pathlib, sys
if sys.flags.isolated:
    print("complaint", flush=True)
    print("complaint", file=sys.stderr, flush=True)
    pathlib.Path({str(reached)!r}).touch()
    {end}
"""
    )

    twins.run(
        """
        import os
        # Were the sender to kill this group, it should not be that of the test.
        os.setsid()
        start(delivery="detached")
        emit()
        # The first sender is started here, and this is its parent.
        start(delivery="detached")
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            pass
        print("end")
        """,
        events=1,
    )

    assert reached.exists()
    assert twins.dropped() == {}
