"""Whether events may be stored and sent: every signal, the file of the user's answer, the outcome.

    {"telemetry": {"modelkit": {"consent": "granted", "version": 1}}}

The answer is a member of a JSON file that may hold anything else besides. What cannot be understood
is never a yes. All of this is on the path of a start, so it stands in one module and does without
importing json (docs/decisions/0002-import-budget.md); the rules are those of
docs/decisions/0007-consent.md. `declarant.consent` is what others use of it.
"""

from __future__ import annotations

import os
import stat
import sys

from declarant import _paths
from declarant._settings import telemetry_variable
from declarant._violations import JsonObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from declarant._catalogue import Catalogue
    from declarant._settings import Consent, Settings

    Effect = Literal["off", "on", "none"]
    AnswerKind = Literal["granted", "denied", "older", "none", "corrupt", "unreachable"]

    make_scanner: Callable[[type], Callable[[str, int], tuple[object, int]]] | None
else:
    try:
        # CPython's accelerator behind json.loads.
        from _json import make_scanner
    except ImportError:
        make_scanner = None
    if hasattr(sys, "gettotalrefcount"):
        # Without json it tells of errors in a way that a debug build ends the process for.
        make_scanner = None

#: Member of the file that holds the answers for all products.
MEMBER = "telemetry"

#: No file of settings is larger.
MAX_FILE_BYTES = 1_048_576

BLANK = " \t\n\r"
_O_READ: int = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_OFF_WORDS = frozenset(("0", "false", "no", "off", "disabled"))
_ON_WORDS = frozenset(("1", "true", "yes", "on", "enabled"))


class Signal:
    """One thing that has a say.

    Attributes:
        name: "source", "flag", "variable", "do_not_track", "policy", "program", "answer" or "ci".
        effect: "off", "on", or "none" when it says nothing.
        found: Which of its states it is in.
        detail: A name, a path or numbers for the words; never the value of a variable.
    """

    __slots__ = ("detail", "effect", "found", "name")

    def __init__(self, name: str, effect: Effect, found: str, *detail: object) -> None:
        """Describe a signal."""
        self.name = name
        self.effect: Effect = effect
        self.found = found
        self.detail = detail

    @property
    def words(self) -> str:
        """What was found, in words; no value of a variable stands in them."""
        # Late on purpose: a start has no use for sentences.
        from declarant._consent_words import WORDS

        return WORDS[self.name, self.found].format(*self.detail)

    def __repr__(self) -> str:
        """Name the signal and its effect."""
        return f"Signal({self.name!r}, {self.effect!r}, {self.found!r})"


class Resolution:
    """What all signals together come to.

    Attributes:
        signals: Every signal, in the order in which they are named as the one that decided.
        decided_by: The first that says "off"; else the first that says "on"; else the user's
            answer, which is missing.
        answer: "granted" or "denied" as stored; "older", "none", "corrupt" or "unreachable".
    """

    __slots__ = ("answer", "decided_by", "signals")

    def __init__(self, signals: tuple[Signal, ...], answer: AnswerKind) -> None:
        """Weigh *signals*."""
        self.signals = signals
        self.answer = answer
        by_effect = {s.effect: s for s in reversed(signals)}
        open_one = next(signal for signal in signals if signal.name == "answer")
        self.decided_by = by_effect.get("off") or by_effect.get("on") or open_one

    @property
    def is_on(self) -> bool:
        """Whether events may be stored and sent."""
        return self.decided_by.effect == "on"

    @property
    def is_refused(self) -> bool:
        """Whether nothing is kept of what was stored: the user said no, or the product's source."""
        return self.answer == "denied" or self.decided_by.name == "source"

    @property
    def is_open(self) -> bool:
        """Whether nothing but the user's answer is missing."""
        return self.decided_by.effect == "none" and self.answer in ("none", "older")

    def __bool__(self) -> bool:
        """Tell whether events may be stored and sent."""
        return self.is_on

    def __repr__(self) -> str:
        """Name the outcome and what decided it."""
        return f"Resolution({'on' if self.is_on else 'off'}, {self.decided_by.name!r})"


def resolve(
    catalogue: Catalogue, decision: Consent = "stored", *, disabled: bool = False
) -> Resolution:
    """Look at every signal; nothing is written and nobody is asked.

    Args:
        catalogue: Of the generated package.
        decision: As in `configure`: "granted" and "denied" are the program's own word; "stored" and
            "ask" leave it to the user's stored answer, which does not hold in continuous
            integration.
        disabled: Whether the user switched telemetry off for this run, by an option of the program.
    """
    kind, answered = read_answer(
        answer_file(catalogue), answer_name(catalogue), catalogue.consent_version
    )
    signals = (
        _switch("source", catalogue.off),
        _switch("flag", disabled),
        _variable(catalogue.product),
        _switch("do_not_track", _is_said("DO_NOT_TRACK")),
        _policy(catalogue.product),
        _program(decision),
        _answer(kind, answered, catalogue.consent_version),
        _ci(decision),
    )
    return Resolution(signals, kind)


def answer_file(catalogue: Catalogue) -> str:
    """Return the file of the user's answer; "" if there can be none."""
    return _paths.consent_file(catalogue.product, catalogue.consent_file)


def answer_name(catalogue: Catalogue) -> str:
    """Return the name under which the answer is kept; what a draft was told counts for drafts."""
    return f"{catalogue.product} (draft)" if catalogue.draft else catalogue.product


class ConsentWatch:
    """What one client may do."""

    __slots__ = ("_catalogue", "_file", "_refused", "_settings", "_signature")

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        """Look at nothing yet."""
        self._catalogue = catalogue
        self._settings = settings
        self._file = answer_file(catalogue)
        self._signature: tuple[int, int, int] | None = None
        self._refused = False

    def begin(self) -> bool:
        """Tell whether the client may store and send, after asking the user if that is wanted."""
        found = self._resolve()
        settings = self._settings
        if found.is_open and settings.consent == "ask":
            # Late on purpose: it happens once a user.
            from declarant._asking import ask_once

            ask_once(self._catalogue, settings.store_folder)
            found = self._resolve()
        self.empty_if_refused()
        return found.is_on

    def holds(self) -> bool:
        """Tell whether what was true at the beginning still is."""
        return signature(self._file) == self._signature or self._resolve().is_on

    def empty_if_refused(self) -> None:
        """Delete what the store holds, if the user's answer is no."""
        if not self._refused:
            return
        # Late on purpose: whoever agreed has no use for it.
        from declarant._withdrawal import empty_store

        try:
            empty_store(self._catalogue, self._settings.store_folder)
        except OSError:
            # The next start, or the next sender, tries again.
            return

    def _resolve(self) -> Resolution:
        # Before the file is read: a change in between is seen at the next look.
        self._signature = signature(self._file)
        settings = self._settings
        found = resolve(self._catalogue, settings.consent, disabled=settings.disabled)
        self._refused = found.is_refused
        return found


def read_answer(path: str, product: str, version: int) -> tuple[AnswerKind, int]:
    """Return the stored answer about *version* of *product*'s notice; never raises.

    Args:
        path: The file; "" if there can be none.
        product: Name under which the answer is kept.
        version: Version of the notice of today. A yes to less is none; a no stays one.

    Returns:
        "granted" or "denied"; "older" if the yes was to a notice of less; "none" if nothing was
        answered; "corrupt" if the file cannot be understood; "unreachable" if it cannot be read.
        And the notice's version that was answered, 0 if there is none.
    """
    if not path:
        return "unreachable", 0
    try:
        content = read_bytes(path)
    except (FileNotFoundError, NotADirectoryError):
        return "none", 0
    except (OSError, ValueError):
        return "unreachable", 0
    try:
        return _said(parse(text_of(content)), product, version)
    except ValueError:
        return "corrupt", 0


def read_bytes(path: str) -> bytes:
    """Return the content of the regular file at *path*, which may be a link to one.

    Raises:
        OSError: It cannot be read, or is no regular file, or is too large.
        ValueError: No file can have such a name.
    """
    fd = os.open(path, _O_READ)
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE_BYTES:
            raise OSError("not a regular file of settings")
        content = b""
        while piece := os.read(fd, MAX_FILE_BYTES + 1 - len(content)):
            content += piece
        return content
    finally:
        os.close(fd)


def text_of(content: bytes) -> str:
    """Return *content* as text; editors on Windows put a mark before it.

    Raises:
        ValueError: It is not UTF-8.
    """
    return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")


def parse(text: str) -> object:
    """Return the value of a JSON *text* in which no name stands twice in one object.

    A blank text is a file in which nothing was set yet.

    Raises:
        ValueError: It is anything else.
    """
    if not text.strip(BLANK):
        return {}
    if make_scanner is None:
        return _parse_slowly(text)
    start = len(text) - len(text.lstrip(BLANK))
    try:
        value, end = make_scanner(_Rules)(text, start)
    except (StopIteration, RecursionError, SystemError) as error:
        # SystemError: how 3.10 and 3.11 tell of a mistake in the text while json is not imported.
        raise ValueError("not JSON") from error
    if text[end:].strip(BLANK):
        raise ValueError("not JSON: something follows it")
    return value


def _parse_slowly(text: str) -> object:
    import json

    try:
        value: object = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_Rules.parse_constant
        )
    except RecursionError as error:
        raise ValueError("not JSON") from error
    return value


def _unique(members: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(members)
    if len(made) != len(members):
        raise ValueError("a name stands twice")
    return made


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


class _Rules:
    """How the scanner reads; the names are its own."""

    strict = True
    object_hook = None
    object_pairs_hook = staticmethod(_unique)
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(_refuse)


def signature(path: str) -> tuple[int, int, int] | None:
    """Return what changes whenever the file at *path* does; None while there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _switch(name: str, is_off: bool) -> Signal:
    return Signal(name, "off", "set") if is_off else Signal(name, "none", "unset")


def _variable(product: str) -> Signal:
    name = telemetry_variable(product)
    said = _value(name)
    if said and said not in _ON_WORDS:
        return Signal("variable", "off", "off" if said in _OFF_WORDS else "unknown", name)
    if _is_said(f"{name}_OPTOUT"):
        return Signal("variable", "off", "set", f"{name}_OPTOUT")
    return Signal("variable", "none", "unset", name)


def _policy(product: str) -> Signal:
    path = _paths.policy_file(product)
    try:
        policy = parse(text_of(read_bytes(path)))
    except (FileNotFoundError, NotADirectoryError):
        return Signal("policy", "none", "missing")
    except (OSError, ValueError):
        return Signal("policy", "off", "unreadable", path)
    if isinstance(policy, JsonObject) and policy.get("telemetry") is True:
        return Signal("policy", "none", "open", path)
    return Signal("policy", "off", "off", path)


def _program(decision: Consent) -> Signal:
    effects: dict[str, Effect] = {"granted": "on", "denied": "off"}
    return Signal("program", effects.get(decision, "none"), decision)


def _answer(kind: AnswerKind, answered: int, version: int) -> Signal:
    effects: dict[str, Effect] = {"granted": "on", "denied": "off", "corrupt": "off"}
    return Signal("answer", effects.get(kind, "none"), kind, answered, version)


def _ci(decision: Consent) -> Signal:
    if decision in ("granted", "denied"):
        return Signal("ci", "none", "ignored")
    # Late on purpose: a program that decides itself need not know.
    from declarant._ci import ci_variable

    name = ci_variable()
    return Signal("ci", "none", "unset") if name is None else Signal("ci", "off", "set", name)


def _value(name: str) -> str:
    return os.environ.get(name, "").strip().lower()


def _is_said(name: str) -> bool:
    said = _value(name)
    return said != "" and said not in _OFF_WORDS


def _said(settings: object, product: str, version: int) -> tuple[AnswerKind, int]:
    """Return what *settings* say; "corrupt" if something else stands where the answer should."""
    kept = settings
    for name in (MEMBER, product):
        if not isinstance(kept, JsonObject):
            return "corrupt", 0
        if name not in kept:
            return "none", 0
        kept = kept[name]
    if not isinstance(kept, JsonObject):
        return "corrupt", 0
    consent, answered = kept.get("consent"), kept.get("version")
    if consent == "denied":
        return "denied", answered if type(answered) is int else 0
    if consent != "granted" or type(answered) is not int or answered < 1:
        return "corrupt", 0
    return ("granted" if answered >= version else "older"), answered
