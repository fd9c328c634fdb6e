"""The comparison of the catalogue's own rules: where events go, what is asked, who approves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_array
from declarant_codegen.privacy_diff.changes import (
    BREAKING,
    NARROWING,
    NEUTRAL,
    SAME_CALL,
    SAME_EVENTS,
    WIDENING,
    Change,
    Judgement,
    Verdict,
)
from declarant_codegen.privacy_diff.review_rules import review_verdict, suppressions_verdict
from declarant_codegen.privacy_diff.sentences import SENTENCES, compare_sentences, lines_words
from declarant_codegen.rule_words import RULES_IN_WORDS, changed_lines
from declarant_codegen.sensitivity import DEFAULT_CEILING, SENSITIVITIES
from declarant_codegen.wording import names, shown_value
from declarant_codegen.words import listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["compare_rules"]


def compare_rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Yield every change of what the catalogue says for all events, by name."""
    for key in sorted({*before, *after} - {"projection", "kind", SENTENCES}):
        old, new = before.get(key), after.get(key)
        if json.dumps(old, sort_keys=True) != json.dumps(new, sort_keys=True):
            privacy, callers, readers = _RULES.get(key, _unknown_rule)(old, new)
            words = [_rule_words(key, value) for value in (old, new)]
            if key == "notice" and is_array(old) and is_array(new):
                words = [lines_words(old, new, before), lines_words(new, old, after)]
            elif key in RULES_IN_WORDS:
                words = [*changed_lines(key, old, new)]
            yield Change(
                subject="catalogue", path=key, kind=f"{key}_changed",
                before=words[0], after=words[1],
                privacy=privacy, callers=callers, readers=readers,
            )  # fmt: skip
    yield from compare_sentences(before, after)


_Three = tuple[Verdict, Judgement, Judgement]


def _rule_words(key: str, value: Any) -> str:
    if value is None:
        return "none"
    if key == "consent_default" and isinstance(value, bool):
        return f"the answer that is offered first is {'yes' if value else 'no'}"
    if key == "consent_version":
        return f"version {shown_value(value)}"
    if key == "notice" and is_array(value):
        return names(value)
    if key == "never" and is_array(value):
        return "; ".join(map(_never_words, value))
    is_plain = isinstance(value, str) and value.isascii() and value.isprintable()
    return str(value) if is_plain else shown_value(value)


def _never_words(line: Mapping[str, Any]) -> str:
    words = f"no field named {names(line['names'], last='or')}"
    removed = line["removed_by"]
    if not removed:
        return words
    return f"{words}, and free text only if scrubbed as {names(removed, last='or')}"


def _unknown_rule(old: Any, new: Any) -> _Three:
    del old, new
    verdict = Verdict(WIDENING, "nothing proves that the new rule allows no more than the old one")
    return verdict, SAME_CALL, SAME_EVENTS


def _endpoint(old: Any, new: Any) -> _Three:
    del old, new
    readers = Judgement(BREAKING, "events no longer arrive where queries so far look for them")
    return Verdict(WIDENING, "events are sent to another place"), SAME_CALL, readers


def _consent_default(old: Any, new: Any) -> _Three:
    del old
    if new is False:
        verdict = Verdict(NARROWING, "users who only press return refuse")
    else:
        verdict = Verdict(WIDENING, "users who only press return agree")
    return verdict, SAME_CALL, SAME_EVENTS


def _consent_version(old: Any, new: Any) -> _Three:
    if isinstance(old, int) and isinstance(new, int) and new > old:
        verdict = Verdict(NEUTRAL, "users are asked again")
    else:
        verdict = Verdict(WIDENING, "consent to another version would count for this one")
    return verdict, SAME_CALL, SAME_EVENTS


def _notice(old: Any, new: Any) -> _Three:
    if is_array(old) and is_array(new) and set(old) < set(new):
        verdict = Verdict(
            NEUTRAL, "users are told more; fields that fall under it are judged apart"
        )
    else:
        verdict = Verdict(WIDENING, "users are no longer told what they were told")
    return verdict, SAME_CALL, SAME_EVENTS


def _never(old: Any, new: Any) -> _Three:
    before: list[Any] = old or []
    after: list[Any] = new or []
    if not _promises(before, after):
        verdict = Verdict(WIDENING, "users are no longer promised what they were promised")
    elif _promises(after, before):
        verdict = Verdict(NEUTRAL, "users are promised the same as before")
    else:
        verdict = Verdict(NARROWING, "users are promised more of what is never collected")
    return verdict, SAME_CALL, SAME_EVENTS


def _linkability(old: Any, new: Any) -> _Three:
    """Judge each identifier by what may ride along with it; most have no entry."""
    before: Mapping[str, Any] = old or {}
    after: Mapping[str, Any] = new or {}
    ranks = {
        place: tuple(
            SENSITIVITIES.index(entries.get(place, DEFAULT_CEILING)) for entries in (before, after)
        )
        for place in {*before, *after}
    }
    raised = sorted(place for place, (was, now) in ranks.items() if now > was)
    if raised:
        words = listing(raised, last="and")
        verdict = Verdict(WIDENING, f"a higher class may ride along with {words} than before")
    elif any(now < was for was, now in ranks.values()):
        verdict = Verdict(NARROWING, "less may ride along with an identifier than before")
    else:
        verdict = Verdict(NEUTRAL, "the same may ride along as before, now stated otherwise")
    return verdict, SAME_CALL, SAME_EVENTS


def _promises(lines: list[Any], others: list[Any]) -> bool:
    """Return whether each line has one among the others that promises as much or more.

    More names promise more; more scrubbers that excuse free text promise less.
    """
    return all(
        any(
            set(line["names"]) <= set(other["names"])
            and set(other["removed_by"]) <= set(line["removed_by"])
            for other in others
        )
        for line in lines
    )


def _package_roots(old: Any, new: Any) -> _Three:
    before: set[str] = set(old or ())
    after: set[str] = set(new or ())
    if after <= before:
        verdict = Verdict(NARROWING, "less of a path in free text is kept")
    else:
        verdict = Verdict(WIDENING, "paths in free text are kept from another folder on")
    return verdict, SAME_CALL, SAME_EVENTS


def _consent_file(old: Any, new: Any) -> _Three:
    del old, new
    verdict = Verdict(WIDENING, "answers so far are not looked for there: a no may be forgotten")
    return verdict, SAME_CALL, SAME_EVENTS


def _product(old: Any, new: Any) -> _Three:
    del old, new
    words = "answers and switches so far go by the old name: a no may be forgotten"
    return Verdict(WIDENING, words), SAME_CALL, SAME_EVENTS


def _package(old: Any, new: Any) -> _Three:
    del old, new
    callers = Judgement(BREAKING, "code so far imports the package by its old name")
    return Verdict(NEUTRAL, "what is sent is the same"), callers, SAME_EVENTS


def _review(old: Any, new: Any) -> _Three:
    return review_verdict(old, new), SAME_CALL, SAME_EVENTS


def _suppressions(old: Any, new: Any) -> _Three:
    return suppressions_verdict(old, new), SAME_CALL, SAME_EVENTS


_RULES: dict[str, Callable[[Any, Any], _Three]] = {
    "endpoint": _endpoint,
    "consent_default": _consent_default,
    "consent_version": _consent_version,
    "consent_file": _consent_file,
    "notice": _notice,
    "never": _never,
    "linkability": _linkability,
    "package": _package,
    "package_roots": _package_roots,
    "product": _product,
    "review": _review,
    "suppressions": _suppressions,
}
