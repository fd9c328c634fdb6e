"""What may be kept of a collector's words: nothing of the request that it may have echoed.

An answer comes from outside. A debugging proxy, a captive portal or a hostile host may repeat the
request in it, and neither a log nor the ledger may hold an event's values or a key.
"""

from __future__ import annotations

import re

#: Characters of an answer's body that a log shows. Source: onecollector facts B48.
MAX_EXCERPT = 200
#: Longest words of a refusal that are counted apart.
_MAX_REASON = 100

_WORD = re.compile(r"\w{3,}")
#: Words of an answer that say nothing even when a request holds them. Source: facts 2.2.
_VOCABULARY = frozenset(("acc", "all", "efi", "rej"))
_REASON = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


def excerpt(words: str, sent: str, limit: int = MAX_EXCERPT) -> str:
    """Return at most *limit* characters of *words*, each word that was *sent* replaced by "*".

    Args:
        words: From outside: a body, a header.
        sent: The request, body and key.
        limit: Bound of the result.
    """
    haystack = sent.lower()

    def redacted(match: re.Match[str]) -> str:
        word = match[0].lower()
        # Three digits are a count or an index of at most MAX_BATCH_EVENTS.
        harmless = word in _VOCABULARY or (len(word) == 3 and word.isdigit())
        return match[0] if harmless or word not in haystack else "*"

    # A word that is cut in two would not be recognised: cut after redacting.
    shown = _WORD.sub(redacted, words[: 4 * limit])
    return "".join(c if c.isprintable() else " " for c in shown)[:limit]


def reason_word(reason: str, sent: str) -> str:
    """Return an `efi` reason if it is one word that was not *sent*, else "other"."""
    is_word = _REASON.fullmatch(reason) is not None and reason.lower() not in sent.lower()
    return reason if is_word else "other"


def reason_sentence(sentence: str, sent: str) -> str:
    """Return what may be counted of a `Collector-Error`."""
    return excerpt(sentence, sent, _MAX_REASON).strip()
