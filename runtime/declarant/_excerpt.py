"""What may be kept of a collector's words: nothing of the request that it may have echoed.

An answer comes from outside. A debugging proxy, a captive portal or a hostile host may repeat the
request in it, as it was or escaped, and neither a log nor the ledger may hold an event's values or
a key. What the collector is known to say is passed on; of everything else only words that share
nothing with the request, and no numbers.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from declarant._limits import MAX_BATCH_EVENTS
from declarant._shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Bytes of an answer's body that a log shows. Source: onecollector facts B48.
MAX_EXCERPT_BYTES = 200
#: Longest words of a refusal that are counted apart.
_MAX_REASON = 100
#: Characters that are looked at for one byte that is shown: what is masked gets shorter.
_LOOKAHEAD = 4

#: What the collector is known to say, word for word. Source: onecollector facts 2.2.
_KNOWN_REASONS = frozenset(
    (
        "EventLevelThrottling",
        "InvalidDeviceLocalId",
        "InvalidEventFormat",
        "InvalidTenantToken",
        "InvalidUserLocalId",
        "TokenCrackingFailure",
    )
)
_KNOWN_SENTENCES = frozenset(
    (
        "All events rejected due to parsing failure.",
        "Invalid Tenant Token.",
        "No events passed validation.",
    )
)
_REASON = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")

#: A run that may be base64 or hexadecimal; or a word, whatever is escaped in it, and its padding.
_TOKEN = re.compile(
    r"[a-z0-9+/=_-]{24,}"
    r"|(?:\\+u[0-9a-f]{4}|\\+x[0-9a-f]{2}|%[0-9a-f]{2}|&(?:amp;)*\#?\w+;|\w)+"
    r"(?:={1,2}(?![\w\"']))?",
    re.IGNORECASE,
)
#: What remains of an escape that was cut in two.
_CUT_ESCAPE = re.compile(r"(?:\\[ux]?|%|&\#?)\w{0,6}$")
#: Words as people and protocols write them; not what an encoding makes of bytes.
_SPELLED = re.compile(r"[A-Z]?[a-z]+(?:[A-Z][a-z]+)*|[A-Z]+")
#: What stands in a JSON text for a line's end or a tab, and parts two words.
_JSON_BREAK = re.compile(r"\\[bfnrt]")
#: What both sides are compared by.
_PIECE = re.compile(r"[^\W_]+")
#: A shorter word of the request shows in an answer's only where it stands alone.
_SHARED_CHARS = 4


class Sent:
    """The words of one request, body and key, for comparison."""

    def __init__(self, text: str) -> None:
        """Hold *text*."""
        self._text = text.lower()
        self._words: frozenset[str] | None = None

    def shares(self, word: str) -> bool:
        """Tell whether *word* stands in the request, or a word of the request in *word*."""
        word = word.lower()
        if len(word) >= _SHARED_CHARS and word in self._text:
            return True
        if self._words is None:
            unescaped = _JSON_BREAK.sub(" ", self._text)
            self._words = frozenset(_PIECE.findall(self._text) + _PIECE.findall(unescaped))
        return any(part in self._words for piece in _PIECE.findall(word) for part in _parts(piece))


def _parts(piece: str) -> Iterator[str]:
    yield piece
    for start in range(len(piece)):
        for end in range(start + _SHARED_CHARS, len(piece) + 1):
            yield piece[start:end]


def excerpt(words: str, sent: str | Sent, count: int = MAX_BATCH_EVENTS) -> str:
    """Return what may be shown of an answer's body, in at most MAX_EXCERPT_BYTES.

    Args:
        words: The body.
        sent: The request, body and key.
        count: Events in the request.
    """
    sent = _taken_apart(sent)
    shown = _known(words, sent, count) or _masked(words, sent, MAX_EXCERPT_BYTES)
    return _cut(shown, MAX_EXCERPT_BYTES)


def reason_word(reason: str, sent: str | Sent) -> str:
    """Return an `efi` reason if it is one word that tells nothing of the request, else "other"."""
    if reason in _KNOWN_REASONS:
        return reason
    is_word = _REASON.fullmatch(reason) is not None and not _taken_apart(sent).shares(reason)
    return reason if is_word else "other"


def reason_sentence(sentence: str, sent: str | Sent) -> str:
    """Return what may be kept of a `Collector-Error`."""
    sentence = sentence.strip()
    if sentence in _KNOWN_SENTENCES:
        return sentence
    return _cut(_masked(sentence, _taken_apart(sent), _MAX_REASON), _MAX_REASON).strip()


def _taken_apart(sent: str | Sent) -> Sent:
    return sent if isinstance(sent, Sent) else Sent(sent)


def _known(words: str, sent: Sent, count: int) -> str | None:
    """Return the body as we understand it; None if it is not of the collector's known shape."""
    try:
        answer: object = json.loads(words)
    except (ValueError, RecursionError):
        return None
    if not is_object(answer) or not set(answer) <= {"acc", "rej", "efi"}:
        return None
    shown = {name: _number(answer[name], count) for name in ("acc", "rej") if name in answer}
    members = [f'"{name}":{number}' for name, number in shown.items()]
    if "efi" in answer:
        failures = answer["efi"]
        if not is_object(failures):
            return None
        reasons = (
            f'"{reason_word(str(reason), sent)}":{_indices(indices, count)}'
            for reason, indices in failures.items()
        )
        members.append(f'"efi":{{{",".join(reasons)}}}')
    return f"{{{','.join(members)}}}"


def _indices(indices: object, count: int) -> str:
    if indices == "all":
        return '"all"'
    if not is_array(indices):
        return "*"
    return f"[{','.join(_number(index, count) for index in indices)}]"


def _number(value: object, count: int) -> str:
    """Return a count or an index that can be one of *count* events, or a star."""
    return str(value) if type(value) is int and 0 <= value <= count else "*"


def _masked(words: str, sent: Sent, limit: int) -> str:
    """Return *words* with everything masked that may come from the request."""
    start = words[: _LOOKAHEAD * limit]
    if len(words) > len(start):
        start = _CUT_ESCAPE.sub("", start)
    return "".join(_pieces(start, sent))


def _pieces(words: str, sent: Sent) -> Iterator[str]:
    end = 0
    for match in _TOKEN.finditer(words):
        yield from _printable(words[end : match.start()])
        end = match.end()
        token = match[0]
        is_plain = _SPELLED.fullmatch(token) is not None and not sent.shares(token)
        yield token if is_plain else "*"
    yield from _printable(words[end:])


def _printable(text: str) -> Iterator[str]:
    for character in text:
        yield character if character.isascii() and character.isprintable() else " "


def _cut(text: str, limit: int) -> str:
    return text.encode("utf-8")[:limit].decode("utf-8", "ignore")
