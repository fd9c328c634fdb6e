"""Whether a word was written or drawn: tokens without a known prefix are told by their letters.

In words and identifiers most letters follow each other as they do in other words; in a token they
follow by chance.
"""

from __future__ import annotations

from declarant._scrubbing.patterns import Lazy

__all__ = ["looks_random"]

#: Which letters commonly follow a letter: the 200 commonest pairs, 91 % of those in the identifiers
#: of Python's standard library, but 30 % of all pairs.
_FOLLOWERS = (
    "abcdgilmnprstuxy baeilou caehiklortu dadeiosu eacdefglmnpqrstvwxy faefiloru geinrs haeio "
    "iabcdefglmnoprstvxz ke ladeilostu maeimopu nacdefgiostuv oabcdlmnoprstuw paehiloprtuy qu "
    "racdegimnorstuy sacehiopstuy tacehiorstuy ubelmnprst vaei wai xpt yp ze"
)
_COMMON = frozenset(group[0] + letter for group in _FOLLOWERS.split() for letter in group[1:])

_JOINT = Lazy(r"[^A-Za-z0-9]+")
_HEX_LOWER = "0123456789abcdef"
_HEX_UPPER = "0123456789ABCDEF"

#: Share of pairs up to which a word is taken for drawn. Measured: 98 of 100 tokens of 20 letters
#: and digits, 99.5 of 32, and one in 100,000 identifiers, one in 400 package names are below it.
_MOST_COMMON = 0.5
#: Characters of such pieces that make a token; the shortest piece that is judged.
_MIN_DRAWN, _MIN_PIECE = 20, 6
#: The same in a word whose parts are joined as base64url joins them: digits and both cases.
_MIN_JOINED_DRAWN, _MIN_JOINED_PIECE, _JOINED_SHARE = 11, 4, 0.6
#: Shortest hexadecimal piece; addresses of memory have at most 16 digits.
_MIN_HEX = 24
#: Characters of a piece that are looked at.
_MOST_JUDGED = 512


def looks_random(word: str) -> bool:
    """Tell whether a word holds at least 20 characters that follow each other by chance.

    Args:
        word: Letters and digits, and joints such as "-", "_", "." and "/".
    """
    drawn = joined = total = 0
    for part in _JOINT().split(word):
        piece = part[2:] if part[:2] in ("0x", "0X") else part
        total += len(piece)
        if _is_hex(piece):
            if len(piece) >= _MIN_HEX:
                return True
        elif len(piece) >= _MIN_JOINED_PIECE and _is_drawn(piece[:_MOST_JUDGED]):
            joined += len(piece)
            drawn += len(piece) if len(piece) >= _MIN_PIECE else 0
    if drawn >= _MIN_DRAWN:
        return True
    is_joined = "/" not in word and joined >= max(_MIN_JOINED_DRAWN, _JOINED_SHARE * total)
    return is_joined and _is_mixed(word)


def _is_mixed(word: str) -> bool:
    kinds = (str.isdigit, str.isupper, str.islower)
    return all(any(map(is_kind, word)) for is_kind in kinds)


def _is_hex(piece: str) -> bool:
    is_hex = not piece.strip(_HEX_LOWER) or not piece.strip(_HEX_UPPER)
    return is_hex and not piece.isalpha() and not piece.isdigit()


def _is_drawn(piece: str) -> bool:
    """Tell whether few of a piece's pairs are those of words."""
    common = pairs = 0
    lowered = piece.lower()
    for at in range(len(piece) - 1):
        if piece[at].islower() and piece[at + 1].isupper():
            continue  # a new word begins
        first, second = lowered[at], lowered[at + 1]
        pairs += 1
        is_number = first.isdigit() and second.isdigit()
        common += is_number or first == second or first + second in _COMMON
    return pairs > 0 and common <= _MOST_COMMON * pairs
