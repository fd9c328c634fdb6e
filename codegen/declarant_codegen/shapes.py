r"""Patterns that are the form of a known identifier or credential.

Owns the table of forms. A pattern, or one of its alternatives, is of such a form if some text of it
is certainly one, and every text has such characters, such a length and such a beginning. So
``^[0-9.]{1,20}$``, which is a version's, is none of an address, though it takes one;
``^[0-9.]{7,15}$`` and ``^\d{1,3}(?:\.\d{1,3}){3}$`` are. Where the automata of the privacy diff
cannot tell, it is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from declarant_codegen.compiler.character_sets import merge
from declarant_codegen.compiler.pattern_policy import least_width, longest
from declarant_codegen.compiler.pattern_tree import (
    Chars,
    Choice,
    Edge,
    Repeat,
    Sequence,
    parse_pattern,
)
from declarant_codegen.patterns import check_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant_codegen.compiler.character_sets import Ranges
    from declarant_codegen.compiler.pattern_tree import Part
    from declarant_codegen.sensitivity import Sensitivity

__all__ = ["FORMS", "Form", "form_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form.

    Attributes:
        what: What is written so.
        core: A pattern of texts that are certainly such.
        signs: A character class of all that occurs in one, a little beyond the core included.
        least: Code points of the shortest one.
        most: Code points of the longest one; None where there is no bound.
        start: A pattern of how each begins; empty where each can begin otherwise.
        sensitivity: The least class of a text of this form.
    """

    what: str
    core: str
    signs: str
    least: int = 0
    most: int | None = None
    start: str = ""
    sensitivity: Sensitivity = "identifier"


_HEX = "[0-9A-Fa-f]"
_KEYS = (
    # GitHub, GitLab, Slack, OpenAI and others, Stripe
    *("gh[oprsu]_", "github_pat_", "glpat-", "xox[a-z]-", "xapp-", "sk-", "[prs]k_(?:live|test)_"),
    # Amazon, Google, SendGrid
    *("A[KS]IA", "AIza", "ya29[.]", "GOCSPX-", "SG[.]"),
    # npm, PyPI, Hugging Face, DigitalOcean, Shopify, Docker
    *("npm_", "pypi-", "hf_", "do[opr]_v1_", "shp(?:at|ca|pa|ss)_", "dckr_pat_"),
)
_KEY = f"(?:{'|'.join(_KEYS)})"

FORMS: tuple[Form, ...] = (
    Form(
        what="UUIDs",
        core=f"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}|{_HEX}{{32}}",
        signs="[0-9A-Fa-f-]",
        least=32,
        most=36,
    ),
    Form(
        what="IPv4 addresses",
        core="[0-9]{1,3}(?:[.][0-9]{1,3}){3}",
        signs="[0-9.]",
        least=len("1.1.1.1"),
        most=len("255.255.255.255"),
    ),
    Form(
        what="IPv4 addresses",
        core="[0-9]{1,3}(?:[.][0-9]{1,3}){3}[:/][0-9]{1,5}",
        signs="[0-9.:/]",
        least=len("1.1.1.1/8"),
        most=len("255.255.255.255:65535"),
    ),
    Form(
        what="IPv6 addresses",
        # With a letter at its end, or eight groups of four digits: no time of day.
        core=f"(?:{_HEX}{{0,4}}:){{7}}{_HEX}{{0,3}}[A-Fa-f]"
        f"|(?:{_HEX}{{4}}:){{7}}{_HEX}{{4}}"
        f"|{_HEX}{{4}}:(?:{_HEX}{{1,4}}:){{0,5}}:{_HEX}{{0,3}}[A-Fa-f]",
        signs="[0-9A-Fa-f:./]",
        # With an IPv4 address at its end, and the length of its prefix.
        most=len("0000:0000:0000:0000:0000:ffff:255.255.255.255/128"),
    ),
    Form(
        what="MAC addresses",
        core=f"{_HEX}{{2}}(?:[:-]{_HEX}{{2}}){{4}}[:-](?:[A-Fa-f]{_HEX}|[0-9][A-Fa-f])"
        f"|{_HEX}{{4}}[.]{_HEX}{{4}}[.]{_HEX}{{3}}[A-Fa-f]",
        signs="[0-9A-Fa-f:.-]",
        least=12,
        most=17,
    ),
    Form(
        what="social security numbers",
        core="[0-9]{3}[ -][0-9]{2}[ -][0-9]{4}",
        signs="[0-9 -]",
        least=9,
        most=11,
    ),
    Form(
        what="payment cards",
        # Source: ISO/IEC 7812-1, at most nineteen digits; sixteen or fifteen are in use.
        core="[0-9]{16}|3[47][0-9]{13}|[0-9]{4}(?:[ -][0-9]{4}){3}",
        signs="[0-9 -]",
        least=12,
        most=23,
    ),
    # Source: ITU-T E.164, at most fifteen digits.
    Form(what="telephone numbers", core="[+][0-9]{10,15}", signs="[+0-9]", most=16),
    Form(
        what="telephone numbers",
        core="[+][0-9]{1,3}[ (.-][0-9 ().-]{6,18}[0-9]",
        signs="[+0-9 ().-]",
        least=7,
        most=24,
    ),
    Form(
        what="web tokens (JWT)",
        # An object in base64 begins so. Source: RFC 7519, section 3.1.
        core="eyJ[A-Za-z0-9_-]+[.][A-Za-z0-9_-]{4,}[.][A-Za-z0-9_-]*",
        signs="[A-Za-z0-9_=.-]",
        start="ey",
        sensitivity="free_text",
    ),
    Form(
        what="access keys",
        # Sixteen signs, and not small letters alone: no words behind "hf_".
        core=f"{_KEY}[A-Za-z0-9_.-]{{15,}}[A-Z0-9]",
        signs="[A-Za-z0-9_=.-]",
        start=_KEY,
        sensitivity="free_text",
    ),
)


@lru_cache(maxsize=4096)
def form_of(pattern: str, least: int = 0, most: int | None = None) -> Form | None:
    """Return the form of a permitted pattern's texts, the one with the highest class.

    Args:
        pattern: The pattern.
        least: Code points of the shortest text that counts.
        most: Code points of the longest one; None if only the pattern bounds it.
    """
    if check_pattern(pattern) is not None:
        return None
    found: Form | None = None
    for option in _alternatives(parse_pattern(pattern)[0]):
        form = _form(option, least, most)
        if form is not None and (found is None or form.sensitivity == "free_text"):
            found = form
    return found


def _alternatives(part: Part) -> Iterator[Part]:
    """Yield what a pattern is a choice of; nothing at all is none of it."""
    if isinstance(part, Choice):
        for option in part.options:
            yield from _alternatives(option)
    elif isinstance(part, Repeat) and (part.low, part.high) == (0, 1):
        yield from _alternatives(part.part)
    elif isinstance(part, Sequence):
        inner = tuple(item for item in part.parts if not isinstance(item, Edge))
        if len(inner) == 1:
            yield from _alternatives(inner[0])
        elif inner:
            yield Sequence(inner)
    elif not isinstance(part, Edge):
        yield part


def _form(part: Part, least: int, most: int | None) -> Form | None:
    highest = longest(Sequence((Edge("^"), part, Edge("$"))))
    bounds = [bound for bound in (highest, most) if bound is not None]
    shortest = max(least, least_width(part))
    for form in FORMS:
        if shortest < form.least or (
            form.most is not None and (not bounds or min(bounds) > form.most)
        ):
            continue
        if _holds_only(part, _set_of(form.signs)) and _is(part, form):
            return form
    return None


def _is(part: Part, form: Form) -> bool:
    """Tell whether texts of a pattern begin as those of a form, and one certainly is one."""
    if form.start and not _starts_narrow(part):
        return False
    # Late on purpose: the privacy diff asks for least classes itself.
    from declarant_codegen.privacy_diff.automata import (
        NEVER,
        Lengths,
        TooLargeError,
        find_outside,
    )

    whole = Sequence((Edge("^"), part, Edge("$")))
    try:
        if form.start and find_outside((whole,), Lengths(), _tree(f"^{form.start}")) is not None:
            return False
        core = _tree(f"^(?:{form.core})$")
        return find_outside((whole, core), Lengths(), NEVER) is not None
    except TooLargeError:
        return True


def _starts_narrow(part: Part) -> bool:
    """Tell whether a pattern's first character is one of a few: a quick no to most patterns."""
    if isinstance(part, Chars):
        return sum(high - low + 1 for low, high in part.ranges) <= _FEW
    if isinstance(part, Repeat):
        return part.low > 0 and _starts_narrow(part.part)
    if isinstance(part, Sequence):
        return bool(part.parts) and _starts_narrow(part.parts[0])
    return isinstance(part, Choice) and all(map(_starts_narrow, part.options))


_FEW = 4


def _holds_only(part: Part, signs: Ranges) -> bool:
    if isinstance(part, Chars):
        return merge([*part.ranges, *signs]) == signs
    if isinstance(part, Edge):
        return True
    if isinstance(part, Repeat):
        return _holds_only(part.part, signs)
    children = part.parts if isinstance(part, Sequence) else part.options
    return all(_holds_only(child, signs) for child in children)


@cache
def _set_of(signs: str) -> Ranges:
    part = parse_pattern(signs)[0]
    return part.ranges if isinstance(part, Chars) else ()


@cache
def _tree(pattern: str) -> Part:
    return parse_pattern(pattern)[0]
