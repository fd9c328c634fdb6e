"""Programs that have run out of something: files, memory, depth, disk."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

resource = pytest.importorskip("resource", reason="needs POSIX limits of a process")

DELIVERIES = pytest.mark.parametrize("delivery", ["manual", "thread", "detached"])


@DELIVERIES
def test_no_file_can_be_opened_before_the_set_up(twins, delivery):
    """Neither a module nor a store: telemetry is off, and counts."""
    twins.run(
        f"""
        import os, resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        held = []
        try:
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            pass
        start(delivery="{delivery}")
        for _ in range(5):
            emit()
        for fd in held:
            os.close(fd)
        """,
        events=5,
    )


@DELIVERIES
def test_no_file_can_be_opened_after_the_first_event(twins, delivery):
    """The open segment takes more; the exit finds nothing to send with, and says nothing."""
    twins.run(
        f"""
        import os, resource
        start(delivery="{delivery}", exit_budget_s=0.2)
        emit()
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        held = []
        try:
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            pass
        for _ in range(5):
            emit()
        """,
        events=6,
    )


@DELIVERIES
@pytest.mark.parametrize("first", ["start()", "emit()"])
def test_no_memory_is_left(twins, delivery, first):
    """Even what counts a drop may need some."""
    begin = f'start(delivery="{delivery}", exit_budget_s=0.2)'
    before, after = (begin, "") if first == "emit()" else ("", begin)
    twins.run(
        f"""
        import resource
        {before}
        emit() if {before!r} else None
        limit = 400 * 1_048_576
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        held, size = [], 67_108_864
        while size > 16:
            try:
                while True:
                    held.append(bytearray(size))
            except MemoryError:
                size //= 2
        {after}
        for _ in range(20):
            emit()
        held = None
        print("alive")
        """,
        events=20 if after else 21,
    )


def test_hardly_any_depth_is_left(twins):
    """At each depth at which a call could make two more the program goes on as without us.

    It makes them itself, as Python versions differ in what the very last ones may do.
    """
    said = twins.run(
        """
        start()
        emit()
        def deeper(calls):
            if calls:
                deeper(calls - 1)
        def down():
            global reached
            deeper(2)
            emit()
            reached += 1
            down()
        for limit in range(120, 200, 7):
            sys.setrecursionlimit(limit)
            reached = 0
            try:
                down()
            except RecursionError:
                pass
            sys.setrecursionlimit(1000)
            print(reached)
        """,
        events=None,
    )
    assert twins.found() == 1 + sum(map(int, said.out.split()))
    assert twins.dropped()["INTERNAL"] > 0


def test_the_disk_takes_no_more(twins):
    """A limit on the size of files stands for a quota: the kernel's answer is an error, too."""
    twins.run(
        """
        import resource, sys
        # Nor does the sender: CPython keeps bytecode that the limit cut, and fails at it for ever.
        assert sys.dont_write_bytecode
        start(delivery="detached", exit_budget_s=0.2)
        emit()
        resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))
        for _ in range(50):
            emit()
        """,
        events=51,
    )


@pytest.fixture
def small_disk(twins):
    """A file system of 64 KiB at the store's place."""
    twins.store.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(twins.store)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs root, to mount a small disk")
    yield
    subprocess.run(["umount", "--lazy", str(twins.store)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's tmpfs as a small disk")
@DELIVERIES
def test_a_disk_that_fills_up(twins, small_disk, delivery):
    """What fits is kept, the rest is counted, and a place that gets free is used."""
    del small_disk
    twins.run(
        f"""
        start(delivery="{delivery}", exit_budget_s=0.2)
        for _ in range(1000):
            emit()
        """,
        events=1000,
    )
    assert twins.dropped()["STORE_FAILED"] > 100


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's tmpfs as a small disk")
@DELIVERIES
def test_a_disk_that_turns_read_only(twins, small_disk, delivery):
    """As a kernel does with a failing disk: from one event to the next."""
    del small_disk
    again = f"mount -o remount,ro {twins.store}"
    twins.run(
        f"""
        import os
        start(delivery="{delivery}", exit_budget_s=0.2)
        emit()
        # In the life without telemetry as well: its segment is the only open file there.
        os.system("fuser -s -k x 2> /dev/null; {again} 2> /dev/null")
        for _ in range(5):
            emit()
        """,
        events=6,
        before=lambda: subprocess.run(["mount", "-o", "remount,rw", str(twins.store)], check=True),
    )


def test_a_store_on_a_read_only_disk(twins):
    """From the start: nothing can be made."""
    if not os.path.ismount("/proc"):
        pytest.skip("needs /proc, where even root cannot write")
    twins.run(
        """
        start(store_folder="/proc/self/nowhere", delivery="detached", exit_budget_s=0.2)
        emit()
        start(store_folder="/proc/self", delivery="thread", exit_budget_s=0.2)
        emit()
        """,
        events=2,
    )
    assert twins.dropped() == {"STORE_FAILED": 2}
