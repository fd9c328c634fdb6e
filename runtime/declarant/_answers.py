"""What an answer of the collector says of the events in its request.

Source: onecollector facts 2.1, 2.2 and B01 to B22, B46.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from declarant._shapes import is_array, is_object
from declarant._transport import SendOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Statuses after which the same bytes may be accepted later (facts 2.1, B14, B17, B20 to B22).
_RETRY_STATUSES = frozenset((408, 429))
_FINAL_SERVER_ERRORS = frozenset((501, 505))
#: Failures of the key or its ticket: sending fewer events at once mends neither.
_KEY_FAILURES = frozenset(("InvalidTenantToken", "TokenCrackingFailure"))


def interpret(status: int, text: str, sent: int, collector_error: str = "") -> SendOutcome:
    """Turn an answer into an outcome.

    Args:
        status: HTTP status.
        text: Body, possibly cut.
        sent: Events in the request.
        collector_error: The header of that name, or "".
    """
    if 200 <= status < 300:
        verdict = _Verdict(text, sent)
        return SendOutcome(
            "accepted", status=status, rejected=verdict.rejected, unnamed=verdict.unnamed
        )
    words = collector_error or str(status)
    if status == 400:
        return _refusal(_Verdict(text, sent), words)
    if status == 413:
        return SendOutcome("too_large", status=status, reason="413")
    server_side = status >= 500 and status not in _FINAL_SERVER_ERRORS
    # Below 200 there was no answer yet.
    if server_side or status in _RETRY_STATUSES or status < 200:
        return SendOutcome("retry", status=status, reason=str(status))
    return SendOutcome("rejected", status=status, reason=words)


def _refusal(verdict: _Verdict, words: str) -> SendOutcome:
    """Return the outcome of a 400: every event of the request was refused, not each for itself.

    A failure of the parse phase names "all", whichever event made it. Where each event is named,
    or all of them stand or fall with the key, nothing is to be found out.
    """
    is_about_key = not _KEY_FAILURES.isdisjoint(verdict.reasons)
    settled = verdict.sent == len(verdict.listed) or verdict.sent == 1 or verdict.acc > 0
    if is_about_key or settled:
        # With "all", what it says is said of the only event.
        rejected = verdict.rejected if verdict.sent == 1 else verdict.listed
        rejected = {} if is_about_key else rejected
        return SendOutcome("rejected", status=400, rejected=rejected, reason=words)
    return SendOutcome("poisoned", status=400, rejected=verdict.listed, reason=words)


class _Verdict:
    """The body of an answer, read as far as it can be.

    Odd shapes and contradictory counts change nothing else (B09, B10).

    Attributes:
        sent: Events in the request.
        acc: How many it says were accepted, 0 if it does not.
        unnamed: How many more its `rej` counts than its `efi` names.
        reasons: Every reason in its `efi`.
        listed: What `efi` lists, index to reason.
        rejected: What `efi` names, "all" included.
    """

    def __init__(self, text: str, sent: int) -> None:
        self.sent = sent
        answer = _parsed(text)
        failures = answer.get("efi")
        named: Mapping[str, object] = failures if is_object(failures) else {}
        self.reasons = tuple(map(str, named))
        self.listed = {
            index: str(reason)
            for reason, indices in named.items()
            for index in _indices(indices, sent)
        }
        self.rejected = dict(self.listed)
        for reason, indices in named.items():
            if indices == "all":
                self.rejected = {**dict.fromkeys(range(sent), str(reason)), **self.listed}
        self.acc = _count(answer.get("acc"), sent)
        self.unnamed = max(0, _count(answer.get("rej"), sent) - len(self.rejected))


def _parsed(text: str) -> Mapping[str, object]:
    try:
        answer: object = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return {}
    return answer if is_object(answer) else {}


def _count(value: object, sent: int) -> int:
    return max(0, min(value, sent)) if type(value) is int else 0


def _indices(listed: object, sent: int) -> Iterator[int]:
    for index in listed if is_array(listed) else ():
        if type(index) is int and 0 <= index < sent:
            yield index
