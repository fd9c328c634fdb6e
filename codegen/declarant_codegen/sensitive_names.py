"""Names that say what a value is, held against the class that it is declared to have.

Owns the reading of names; the list itself is data, in ``sensitive_names.json``. A name says what
stands at its end: ``host_name`` is a host's, ``host_count`` is a count and ``path_kind`` a kind. It
says nothing of a value that cannot hold the thing: a yes, a choice, an amount. A unit alone makes
no amount, as anybody's number can be written "in items"; the name has to be one of an amount, too
(``users``).

Names of ext fields are not judged. Common Schema 4.0 fixes them (``ext.device.localId``, whatever
it is filled with), so nobody can mend one; what decides there is ``x-source``, from which the least
class follows (see `privacy`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import groupby, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from declarant_codegen.bounds import base_type
from declarant_codegen.field_rows import schema_rows
from declarant_codegen.field_words import LONGEST_RUN, name_words
from declarant_codegen.sensitivity import SENSITIVITIES
from declarant_codegen.words import quote

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from declarant_codegen.bounds import Problem
    from declarant_codegen.field_rows import FieldRow
    from declarant_codegen.sensitivity import Sensitivity

__all__ = ["Meaning", "check_name", "meaning_of"]

_LINKS = frozenset(
    (
        *("of", "for", "from", "to", "in", "at", "on", "by", "with", "as", "via"),
        *("since", "until", "before", "after", "during"),
    )
)
"""Words that end what stands before them: ``path_to_model`` is a path."""

_RATE = "per"
"""The word behind which stands what an amount is divided by: ``clicks_per_session``."""

_AMOUNTS = frozenset(("count", "total", "sum", "share", "ratio", "rate", "size", "length"))
_NUMBERS = frozenset(("number", "num"))
"""Words by which an amount of what follows a link is meant: ``count_of_phones``; of a plural only,
``number_of_cards``, as the number of one card is the card's."""

_COUNTED = _NUMBERS | {"n", "nb"}
"""Words right before a plural by which an amount of it is meant: ``num_cards``, ``n_users``."""

_NTH = "n"
"""A word that tells one of many in the singular, as ``ssn_n``, and an amount behind a plural, as
``phones_n``."""

_IDS = frozenset(("id", "ids", "uid", "guid", "uuid", "key"))
_HASHES = frozenset(("hash", "hashed", "hashes", "digest", "sha", "md", "hmac", "checksum", "crc"))
"""Words by which a thing stays an identifier, though no longer the thing itself."""

_FORMS = frozenset(
    (
        *("value", "string", "str", "raw", "full", "original", "plain", "used", "given", "list"),
        *("first", "last", "prefix", "part", "b", "base", "hex", "utf", "json", "encoded"),
        *("encrypted", "masked", "redacted", "truncated", "normalized", "lower", "upper"),
    )
)
"""Words that say how, or how much of, a thing is written, and not that it is another: ``name_b64``,
``phone_last4``."""

_QUALIFIERS = (
    *("user", "client", "customer", "server", "remote", "local", "source", "src", "target", "dest"),
    *("dst", "host", "home", "root", "work", "contact", "billing", "shipping", "sender", "login"),
    *("recipient", "current", "default", "public", "private", "admin", "my", "config", "log"),
    *("input", "output", "temp", "tmp", "base", "page", "site", "web", "db", "model", "end"),
)
"""Words that are written together with a name of the list: ``clientip``, ``homedir``."""

_PERSONS = frozenset(("user", "customer", "employee", "member", "account", "personal", "my"))
"""Words behind which a name is somebody's that alone means much else, too: ``user_card``."""

_VEILS = frozenset(("hashed", "masked", "encrypted"))
"""Words before a name by which it stays what it is: ``hashed_ip``."""

_DATES = frozenset(("date", "date-time", "time"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a name says of a value.

    Attributes:
        name: The name of the list that was found.
        why: What such a value is.
        least: The least class that this suggests.
        held_by: What can hold it: ``text``; ``thing`` (text, or a number that is no amount);
            ``number`` (text, or any number); ``measure`` (these, and dates); ``choice`` (these,
            an enum and a boolean).
        mend: What to do, if not to raise the class.
        is_amount: Whether a number with a unit can be an amount of it, as the name is a plural or
            stands behind another one: ``users``, ``time_in_session``.
    """

    name: str
    why: str
    least: Sensitivity
    held_by: Literal["text", "thing", "number", "measure", "choice"]
    mend: str
    is_amount: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """A name of the list, the words that may follow it, and whether it counts only alone."""

    meaning: Meaning
    followers: frozenset[str]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class _Names:
    """The list: entries by name without underscores, harmless names, all that may follow one."""

    entries: Mapping[str, _Entry]
    harmless: frozenset[str]
    followers: tuple[str, ...]


def check_name(name: str, schema: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a finding for each value of a property whose class is below what its name suggests.

    Args:
        name: The property's name.
        schema: Its resolved schema. Of a value inside it both names count, as in ``user.name``,
            unless its own say enough: they are judged where they stand.
    """
    if meaning_of(name) is None and "properties" not in schema and "items" not in schema:
        return  # most names
    for row in schema_rows(name, schema):
        outer, _, inner = row.place.replace("[]", "").partition(".")
        single = row.single
        if single is None or (inner and meaning_of(inner.replace(".", "_")) is not None):
            continue
        meaning = meaning_of(f"{outer}_{inner.replace('.', '_')}" if inner else outer)
        if meaning is None or not _can_hold(single, meaning, is_list=single is not row.schema):
            continue
        if SENSITIVITIES.index(row.sensitivity) < SENSITIVITIES.index(meaning.least):
            yield "NAME_SENSITIVE", "x-class" if not inner else "", _told(row, meaning)


def _told(row: FieldRow, meaning: Meaning) -> str:
    says = quote(row.place) if "." in row.place else quote(meaning.name)
    expected = f'expected "x-class" of at least {quote(meaning.least)} where a name says {says}'
    found = f"{expected} ({meaning.why}), found {quote(row.sensitivity)}"
    bound = "" if meaning.held_by == "choice" else "bound it by an enum, "
    other = f"{bound}or rename it if it holds something else"
    return f"{found}; {meaning.mend or f'write {quote(meaning.least)}'}, {other}"


def _can_hold(schema: Mapping[str, Any], meaning: Meaning, *, is_list: bool) -> bool:
    if "const" in schema:
        return False
    if meaning.held_by == "choice":
        return True
    if "enum" in schema:
        return False
    kind = base_type(schema)
    if kind == "string":
        form = schema.get("format")
        if form in _DATES:
            return meaning.held_by == "measure"
        return form is None or meaning.held_by != "text"
    if kind in ("integer", "number"):
        if meaning.held_by == "thing":
            return is_list or not meaning.is_amount or "x-unit" not in schema
        return meaning.held_by != "text"
    return False


@lru_cache(maxsize=16384)
def meaning_of(name: str) -> Meaning | None:
    """Return what a name says, or None if it says nothing sensitive."""
    words = name_words(name)
    dividend = tuple(takewhile(lambda word: word != _RATE, words)) or words
    before = ""  # the last word of what stands before a link
    thing: tuple[str, ...] = ()  # all of it
    for is_link, run in groupby(dividend, key=_LINKS.__contains__):
        part = tuple(run)
        if is_link:
            continue
        if before in _AMOUNTS or (before in _NUMBERS and _is_plural(part[-1])):
            return None
        found = _of_part(_parted(part), is_whole=part == words)
        if found is not None:
            owned = _of_person(thing, part)
            return owned or replace(found, is_amount=found.is_amount or before != "")
        before, thing = part[-1], part
    return None


def _of_person(thing: tuple[str, ...], part: tuple[str, ...]) -> Meaning | None:
    """Return what is a person's, said from behind: ``age_of_user`` is ``user_age``."""
    person = _singular(part[0], _PERSONS)
    if not thing or person not in _PERSONS:
        return None
    return _of_part((*thing[:-1], person, thing[-1], *part[1:]), is_whole=False)


def _parted(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return words with the last one parted from what follows it, as in ``userid``."""
    last = words[-1]
    for follower in _listed().followers if _entry(last) is None else ():
        # One letter is no word that others are run together with ("template" is no latitude).
        if len(follower) > 1 and last.endswith(follower):
            entry = _entry(last[: -len(follower)])
            if entry is not None and _fits(entry, [follower], is_all=False):
                return (*words[:-1], last[: -len(follower)], follower)
    return words


def _of_part(words: tuple[str, ...], *, is_whole: bool) -> Meaning | None:
    """Return what stands at the end of *words*, but for the words that may follow it."""
    listed = _listed()
    followers: list[str] = []
    for end in range(len(words), 0, -1):
        for start in range(max(0, end - LONGEST_RUN), end):
            run = "".join(words[start:end])
            if _singular(run, listed.harmless) in listed.harmless:
                return None
            entry = _entry(run)
            is_all = _is_owned(words[:start]) or (is_whole and _is_alone(words[:start]))
            if entry and _fits(entry, followers, is_all=is_all):
                if _is_counted(words[:start], run, followers):
                    return None
                is_amount = followers == [_NTH] or (not followers and _is_plural(run))
                found = replace(entry.meaning, is_amount=is_amount)
                return _identified(found, words[:start], followers)
        if not (words[end - 1].isdigit() or words[end - 1] in listed.followers):
            return None
        followers.append(words[end - 1])
    return None


def _fits(entry: _Entry, followers: list[str], *, is_all: bool) -> bool:
    allowed = entry.followers | _HASHES | _FORMS
    is_followed = all(word.isdigit() or word in allowed for word in followers)
    return is_followed and (is_all or not entry.is_whole)


def _is_counted(before: tuple[str, ...], run: str, followers: list[str]) -> bool:
    """Tell whether a name is that of an amount of what it names, and of none of them."""
    if not _is_plural(run):
        return False
    return followers[-1:] == [_NTH] or (not followers and not _COUNTED.isdisjoint(before[-1:]))


def _is_plural(run: str) -> bool:
    return run == "people" or (run.endswith("s") and not run.endswith("ss"))


def _is_owned(before: tuple[str, ...]) -> bool:
    return before != () and before[-1] in _PERSONS


def _is_alone(before: tuple[str, ...]) -> bool:
    """Return whether nothing stands before a name but how, or how much of, it is written."""
    is_cut = len(before) == 2 and before[0] in ("first", "last") and before[1].isdigit()
    return is_cut or _VEILS.issuperset(before)


def _identified(meaning: Meaning, before: tuple[str, ...], followers: list[str]) -> Meaning:
    """Return what a hash or an id is of: no text any more, but as good as any identifier."""
    is_hash = "hashed" in before[-1:] or not _HASHES.isdisjoint(followers)
    if not is_hash and _IDS.isdisjoint(followers):
        return meaning
    held_by = "number" if meaning.held_by in ("text", "thing") else meaning.held_by
    if meaning.least != "free_text":
        return replace(meaning, held_by=held_by)
    why = f"{'a hash' if is_hash else 'an id'} of {meaning.why}"
    return replace(meaning, least="identifier", held_by=held_by, why=why)


def _entry(run: str) -> _Entry | None:
    """Return the entry of a run, in the singular or written together with a word before it."""
    entries = _listed().entries
    found = entries.get(_singular(run, entries))
    if found is not None:
        return found
    for word in _QUALIFIERS:
        if run.startswith(word):
            rest = entries.get(_singular(run[len(word) :], entries))
            if rest is not None and not rest.is_whole:
                return rest
    return None


def _singular(run: str, known: Container[str]) -> str:
    """Return the form of a run, as written or in the singular, that *known* holds."""
    if run in known:
        return run
    forms = [run[:-1]] if run.endswith("s") else []
    if run.endswith(("ses", "xes", "zes", "ches", "shes")):
        forms.append(run[:-2])
    if run.endswith("ies"):
        forms.append(f"{run[:-3]}y")
    return next((form for form in forms if form in known), run)


@cache
def _listed() -> _Names:
    raw = json.loads(Path(__file__).with_name("sensitive_names.json").read_text("utf-8"))
    entries: dict[str, _Entry] = {}
    for group in raw["groups"]:
        followers = frozenset[str](group.get("with", ()))
        if group.get("ids"):
            followers |= _IDS
        for kind in ("names", "whole"):
            for name in group.get(kind, ()):
                meaning = Meaning(
                    name=name,
                    why=group["why"],
                    least=group["class"],
                    held_by=group["in"],
                    mend=group.get("mend", ""),
                )
                entries[name.replace("_", "")] = _Entry(meaning, followers, kind == "whole")
    every = {word for entry in entries.values() for word in entry.followers}
    harmless = frozenset(name.replace("_", "") for name in raw["harmless"])
    return _Names(entries, harmless, tuple(sorted(every | _HASHES | _FORMS)))
