"""What one run of `make bench` hands to each of its measures."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.peers import IN_PROCESS_PEER, PEERS
from harness.processes import PROGRAMS, Ended, Job, environment, said

if TYPE_CHECKING:
    from pathlib import Path

    from harness.environments import Environments
    from harness.peers import Peer
    from harness.processes import States
    from harness.sink import Sink


class MeasureError(Exception):
    """A measured program did not do what is measured; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """The means of one run.

    Attributes:
        environments: Interpreters, one a peer.
        states: Fresh folders.
        sink: Where everything is sent.
        quick: Few rounds and small sizes, for rough figures.
    """

    environments: Environments
    states: States
    sink: Sink
    quick: bool

    def rounds(self, usual: int) -> int:
        """Return how often to repeat what is usually repeated *usual* times."""
        return max(1, usual // 4) if self.quick else usual

    def peers(self) -> list[Peer]:
        """Return who can be measured on this machine."""
        return [peer for peer in PEERS if self.environments.python(peer.environment)]

    def callers(self) -> list[Peer]:
        """Return the same, with Declarant once: how it sends is not felt by who calls it."""
        return [peer for peer in self.peers() if peer is IN_PROCESS_PEER or peer.distribution]

    def bare(self, peer: Peer, state: Path) -> Job:
        """Return the job of the peer's interpreter with nothing to do."""
        return Job(words=(self._python(peer), "-c", "pass"), state=state)

    def one_line(self, peer: Peer, code: str, state: Path) -> Job:
        """Return the job of *code* in the peer's environment."""
        return Job(words=(self._python(peer), "-c", code), state=state)

    def command(
        self,
        peer: Peer,
        mode: str,
        state: Path,
        *,
        port: int,
        tag: str = "build",
        cap_s: float = 60,
    ) -> Job:
        """Return the job of a short-lived program of *peer*; see `programs/command.py`."""
        program = str(PROGRAMS / "command.py")
        words = (program, peer.sdk, mode, str(port), str(state), tag, *peer.options)
        return Job(words=(self._python(peer), *words), state=state, cap_s=cap_s)

    def check(self, peer: Peer, state: Path, ended: Ended, code: int = 0) -> None:
        """Make sure that a program ended with *code*, or was killed for taking too long.

        Raises:
            MeasureError: It ended in another way.
        """
        if ended.code != code and not ended.capped:
            raise MeasureError(f"{peer.label}: exit code {ended.code}: {said(state)}")

    def work(
        self, peer: Peer, mode: str, *arguments: object, cap_s: float = 600
    ) -> dict[str, object]:
        """Run `programs/worker.py` for *peer* and return what it measured.

        Raises:
            MeasureError: It ended with an error, or not in time.
        """
        state = self.states.fresh()
        program = str(PROGRAMS / "worker.py")
        words = [self._python(peer), program, peer.sdk, mode, str(self.sink.port), str(state)]
        words += [str(argument) for argument in arguments] + list(peer.options)
        return worked(peer.label, words, state, cap_s, self.states)

    def _python(self, peer: Peer) -> str:
        python = self.environments.python(peer.environment)
        if python is None:
            raise MeasureError(f"{peer.label}: not installed")
        return str(python)


def worked(
    label: str, words: list[str], state: Path, cap_s: float, states: States
) -> dict[str, object]:
    """Run *words*, which print JSON, and return that.

    Raises:
        MeasureError: They ended with an error, or not in time.
    """
    try:
        done = subprocess.run(
            words,
            env=environment(state),
            cwd=state,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=cap_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise MeasureError(f"{label}: not done in {cap_s:g} s") from None
    finally:
        states.drop(state)
    if done.returncode or not done.stdout.strip():
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"]
        raise MeasureError(f"{label}: {lines[-1][:300]}")
    return json.loads(done.stdout.splitlines()[-1])


def tell(error: MeasureError) -> None:
    """Say that a peer is left out of a measure."""
    print(f"left out: {error}", file=sys.stderr, flush=True)
