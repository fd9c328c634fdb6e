"""Programs whose standard streams are closed, broken or somebody else's."""

from __future__ import annotations

import os
import sys

import pytest

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="needs numbers of files as POSIX gives them"
)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("delivery", ["manual", "thread", "detached"])
def test_streams_that_were_closed_before_the_start(twins, closed, delivery):
    """No file of ours gets their numbers, and whoever writes there is told so as ever."""
    said = twins.run(
        f"""
        import os
        keep = os.open("told", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(keep, 20)
        os.close(keep)
        start(delivery="{delivery}", exit_budget_s=0.2)
        emit()
        codes = []
        for number in (0, 1, 2):
            try:
                os.write(number, b"")
                codes.append("open")
            except OSError as error:
                codes.append(error.errno)
        os.write(20, repr(codes).encode())
        emit()
        """,
        events=2,
        shell=f'exec "$@" {closed}',
    )
    told = (twins.work / "told").read_text()
    assert told.count("9") == closed.count("&-")
    assert said.code == 0


@pytest.mark.parametrize("delivery", ["thread", "detached"])
def test_what_is_written_to_a_closed_stream_reaches_no_file_and_no_collector(
    twins, collector, delivery
):
    """A program, or a library of it, writes to number 1, whatever that is."""
    twins.run(
        f"""
        import os, time
        os.close(1)
        start(delivery="{delivery}", flush_interval_s=0.01, exit_budget_s=5)
        end = time.monotonic() + 0.5
        emit()
        while time.monotonic() < end:
            try:
                os.write(1, b"SECRET")
            except OSError:
                pass
        sys.stdout = None
        """,
        events=1,
    )
    stored = b"".join(path.read_bytes() for path in twins.store.iterdir())
    assert b"SECRET" not in stored
    assert all(b"SECRET" not in request.body for request in collector.requests())


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
@pytest.mark.parametrize("value", ["None", "object()", "open(os.devnull)", "closed()"])
def test_streams_that_are_no_streams(twins, name, value):
    """With a question to put, too: nobody is there to be asked."""
    twins.run(
        f"""
        import os
        def closed():
            file = open(os.devnull)
            file.close()
            return file
        kept = sys.{name}
        sys.{name} = {value}
        start(delivery="thread", exit_budget_s=0.2)
        emit()
        start(consent="ask")
        emit()
        sys.{name} = kept
        """,
        events=2,
    )
    assert twins.dropped() == {"CONSENT_OFF": 1}


@pytest.mark.parametrize("delivery", ["thread", "detached"])
def test_a_reader_that_went_away(twins, delivery):
    """`program | head`: the pipe breaks for the program as ever."""
    twins.run(
        f"""
        start(delivery="{delivery}", exit_budget_s=0.2)
        for number in range(300):
            emit()
            print("x" * 1000)
        """,
        events=300,
        shell='{ "$@" && echo well >&2 || echo broken >&2; } | cat',
    )


@pytest.mark.parametrize("delivery", ["thread", "detached"])
def test_whoever_waits_for_our_output_waits_for_no_sender(twins, delivery, collector):
    """A sender holds no pipe of its host's open: `$(program)` ends with the program."""
    del collector
    said = twins.run(
        f"""
        import os
        reader, writer = os.pipe()
        os.set_inheritable(writer, True)
        start(delivery="{delivery}", exit_budget_s=0.2)
        emit()
        print("done")
        """,
        events=1,
        shell='echo "$("$@")"',
    )
    assert said.out == "done\n"


def test_pytests_capture(twins):
    """A host's own tests emit and print, with warnings as errors; the report is the same."""
    twins.run(
        """
        import os, threading
        start(delivery="thread", flush_interval_s=0.01, exit_budget_s=0.2)

        def test_prints(capsys):
            emit()
            print("said")
            assert capsys.readouterr() == ("said\\n", "")

        def test_file_descriptors(capfd):
            emit()
            os.system("echo said")
            assert capfd.readouterr() == ("said\\n", "")

        def test_logs(caplog):
            caplog.set_level("INFO")
            emit()
            assert caplog.records == []

        def test_fails():
            emit()
            print("shown")
            assert threading is None
        """,
        events=4,
        program=lambda: [
            *("-m", "pytest", "-q", "--capture=fd", "-W", "error", "-p", "no:randomly"),
            *("-p", "no:cacheprovider", "-p", "no:xdist", "--no-header"),
            *("-c", os.devnull, "--rootdir", ".", "-o", "console_output_style=classic"),
            *("--tb=short", "--no-summary", "program.py"),
        ],
        shell='"$@" | sed "s/ in [0-9.]*s//"',
    )


@pytest.mark.parametrize("hook", ["excepthook", "unraisablehook"])
def test_no_hook_of_the_host_is_called(twins, hook):
    """Nothing of ours ends as an exception that nobody caught."""
    assert hasattr(sys, hook)
    twins.run(
        f"""
        import threading, time
        def shout(*found):
            print("hook", found)
        sys.{hook} = threading.excepthook = shout
        start(delivery="thread", flush_interval_s=0.01, exit_budget_s=0.2)
        emit()
        time.sleep(0.1)
        """,
        events=1,
    )
