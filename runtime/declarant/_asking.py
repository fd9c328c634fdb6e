"""Asking the user: the generated notice on standard error, and the answer kept.

A question that gets no answer (time-out, end of input, Ctrl-C) stays open, and telemetry off; the
program goes on.
"""

from __future__ import annotations

import pkgutil

from declarant import _clocks, _terminal
from declarant._consent import answer_file, answer_name
from declarant._consent_write import can_keep
from declarant._errors import StoreError
from declarant._limits import ANSWER_S
from declarant._withdrawal import keep_no, keep_yes

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from declarant._catalogue import Catalogue

_YES, _NO = ("y", "yes"), ("n", "no")
_TRIES = 3

_AGAIN = "Please answer y or n: "
_OPEN = "\nNo answer: nothing is collected. You will be asked again.\n"


#: Products whose user this process has asked.
_asked: set[str] = set()


def ask_once(catalogue: Catalogue, store_folder: str) -> None:
    """Ask, unless this process did: who does not answer is left alone until the next run."""
    name = answer_name(catalogue)
    if name not in _asked:
        _asked.add(name)
        ask(catalogue, store_folder, ANSWER_S)


def ask(
    catalogue: Catalogue, store_folder: str | os.PathLike[str] | None, seconds: float
) -> bool | None:
    """Ask, and keep the answer; see `declarant.consent.ask`."""
    if not catalogue.events or not _terminal.can_ask():
        return None
    if not can_keep(answer_file(catalogue), answer_name(catalogue)):
        return None
    notice = _notice(catalogue.package)
    if notice is None:
        return None
    try:
        agreed = _put(notice, seconds, default=catalogue.consent_default)
    except KeyboardInterrupt:
        agreed = None
    if agreed is None:
        _terminal.say(_OPEN)
        return None
    try:
        if agreed:
            keep_yes(catalogue)
        else:
            keep_no(catalogue, store_folder)
    except StoreError as error:
        # Nobody is taken at a word that nobody could look up later.
        _terminal.say(f"{error}\nNothing is collected.\n")
        return None
    return agreed


def _put(notice: str, seconds: float, *, default: bool) -> bool | None:
    end = _clocks.monotonic() + seconds
    question = notice
    for _ in range(_TRIES):
        if not _terminal.say(question):
            return None
        line = _terminal.read_line(end - _clocks.monotonic())
        if line is None:
            return None
        word = line.strip().lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
        # Enter takes the answer that stands in the brackets; behind another answer there are none.
        if not word and question is notice:
            return default
        question = _AGAIN
    return None


def _notice(package: str) -> str | None:
    """Return the text of the question, ready for an answer behind it; None if there is none."""
    try:
        found = pkgutil.get_data(package, "NOTICE.txt")
        return None if found is None else f"{found.decode('utf-8').rstrip()} "
    except (OSError, ValueError, ImportError):
        return None
