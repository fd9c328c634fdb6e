"""Paths inside text: where they begin and end. What is kept of one is `kept_path`'s matter.

A path in quotes reaches to its closing quote, whatever it holds. Any other one is a run of
characters that holds a separator; an absolute one goes on after a blank if another of its
separators follows, so that folders with blanks in their names are not left behind.
"""

from __future__ import annotations

from declarant._scrubbing.kept_path import (
    decoded,
    has_file_ending,
    is_package_relative,
    kept_of_path,
    names_of,
)
from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy
from declarant._scrubbing.tokens import is_random_base64

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

__all__ = ["without_paths"]

#: What no unquoted path holds. An apostrophe is not among them (C:\Users\O'Brien).
_STOPS = r"\s:*?\"<>|;,`"
#: A run with a separator; it starts where a run starts, so each is read once.
_RUN = Lazy(rf"(?<![^{_STOPS}])[^{_STOPS}\\/]*[\\/][^{_STOPS}]*")
#: A quote that a path follows, and that is not inside one.
_QUOTE = Lazy(
    r"(?<![\w~.&#@$%^)\]}/-])(?:[bBrRuUfF]{1,2})?(?P<quote>['\"`<\u2018\u201c\u00ab])"
    r"(?=[A-Za-z]:[\\/]|(?:/|\\\\)[\\/]{0,7}[^\s\\/'\"]|~[\w.-]{0,64}[\\/]|file:|%\w{1,64}%[\\/]"
    r"|\$[\w{:]|\.{1,2}[\\/])"
)
#: Quoted text with a separator and a blank: perhaps a relative path, if it ends as a file does.
_QUOTED_FILE = Lazy(r"(?<!\w)(?P<quote>['\"`])(?P<path>[^'\"`:\n]{3,300})(?P=quote)(?!\w)")
_CLOSING = {"<": ">", "\u2018": "\u2019", "\u201c": "\u201d", "\u00ab": "\u00bb"}
#: The yen and won signs, which Windows shows for the separator, and the wide backslash.
_FOREIGN_SEPARATORS = "\u00a5\u20a9\uff3c"
_FOREIGN = Lazy(rf"(?<![A-Za-z])[A-Za-z]:[\\/]*[{_FOREIGN_SEPARATORS}][^{_STOPS}]*")
_TO_BACKSLASH = dict.fromkeys(map(ord, _FOREIGN_SEPARATORS), "\\")

_ENCODED = Lazy(rf"(?<![\w%.~+{MARK}-])[\w%.~+{MARK}-]{{4,}}")

#: Line ends, tabs and quotes as `repr` writes them; a small letter after them is a name's.
_ESCAPE = Lazy(r"\\{1,2}(?:[nrt](?=[A-Z0-9\s\\'\"(<\[{]|\Z)|x[0-9a-f]{2}|u[0-9a-f]{4}|['\"])")
#: In a path whose separators are doubled, one alone is an escape.
_LONE = Lazy(r"(?<!\\)\\(?=[nrt])")

#: A server and its share. A line end that `repr` wrote twice is none: two names follow a server's.
_SERVER = Lazy(r"\\\\[\\]*[\w$.-]{3,}[\\]+[^\\]+[\\]")

_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_OPENERS, _CLOSERS = "([{\u2018\u201c\u00ab", ")]}\u2019\u201d\u00bb"
_PREFIX_ENDS = "=@" + _OPENERS
_GAP = Lazy(rf"[ ,;]{{1,2}}(?P<word>[^{_STOPS}]+)")
_FAMILY_NAME = Lazy(
    r" (?:[A-Z][\w'\u2019.-]*|(?:al|bin|da|de|del|den|der|di|dos|du|el|la|le|ten|ter|van|von)(?= ))"
)
_MAX_NAMES = 3
_MAX_WORDS = 5
#: Words that go on in a sentence after a path more often than in a folder's name.
_SENTENCE = frozenset(
    (
        *("and", "or", "to", "in", "for", "from", "with", "is", "was", "are", "not", "failed"),
        *("because", "use", "using", "but", "via", "at", "on", "by", "does", "cannot", "could"),
        *("has", "no", "expected", "got", "found", "missing", "exists", "denied", "while", "when"),
        *("during", "after", "before", "as", "if", "than", "into", "instead", "see", "line"),
    )
)
#: Names of two letters or less are an escape or a class of characters, not a server.
_MIN_SERVER = 3
_MIN_ACCOUNT = 4
_NO_JOINTS = str.maketrans("", "", " ._$-" + MARK)
#: Alternatives of so few letters are no folders: CPU/GPU/NPU.
_MAX_ALTERNATIVE = 5


def without_paths(text: str, roots: tuple[str, ...]) -> str:
    """Return marked text in which what may be kept of each path stands for it.

    Args:
        text: Marked text.
        roots: Roots of packages.
    """
    if "%" in text:
        text = _ENCODED().sub(lambda match: _encoded(match, roots), text)
    if any(separator in text for separator in _FOREIGN_SEPARATORS):
        text = _FOREIGN().sub(lambda match: match[0].translate(_TO_BACKSLASH), text)
    if "/" not in text and "\\" not in text:
        return text
    text = _without_quoted(text, roots)
    text = _QUOTED_FILE().sub(lambda match: _quoted_file(match, roots), text)
    return _without_bare(text, roots)


def _encoded(match: re.Match[str], roots: tuple[str, ...]) -> str:
    """Replace a run whose separators are encoded, such as `%2Fhome%2Falice%2Fx`."""
    found = match[0]
    plain = decoded(found)
    if plain == found or not ("/" in plain or "\\" in plain):
        return found
    names = names_of(plain)
    is_path = plain[0] in "\\/~." or plain[1:2] == ":" or len(names) > 2 or MARK in plain
    if is_path or (names and has_file_ending(names[-1])):
        return kept_of_path(plain, roots)
    return found


def _without_quoted(text: str, roots: tuple[str, ...]) -> str:
    parts: list[str] = []
    at = 0
    while (match := _QUOTE().search(text, at)) is not None:
        quote = match["quote"]
        end = _closing(text, _CLOSING.get(quote, quote), match.end())
        path = text[match.end() : end].rstrip("\\")
        parts += text[at : match.end()], _kept_of_quoted(path, roots)
        at = end
    return "".join((*parts, text[at:]))


def _quoted_file(match: re.Match[str], roots: tuple[str, ...]) -> str:
    """Replace a relative path with blanks, such as `'my models/old ones/x.onnx'`."""
    path = match["path"]
    words = path.split(" ")
    is_sentence = len(words) > _MAX_WORDS or not _SENTENCE.isdisjoint(words)
    names = names_of(path)
    if len(words) < 2 or len(names) < 2 or is_sentence or not has_file_ending(names[-1]):
        return match[0]
    return f"{match['quote']}{kept_of_path(path, roots)}{match['quote']}"


def _closing(text: str, quote: str, start: int) -> int:
    """Return where a quoted path ends: at the quote, at the end of the line if there is none.

    A quote with a letter after it is an apostrophe, or one that was escaped.
    """
    while True:
        at = text.find(quote, start)
        end = len(text) if at == -1 else at
        line = text.find("\n", start, end)
        if line != -1 or at == -1:
            return end if line == -1 else line
        after = text[at + 1 : at + 2]
        if not (after.isalnum() or after == "_"):
            return at
        start = at + 1


def _kept_of_quoted(path: str, roots: tuple[str, ...]) -> str:
    lone = _LONE().search(path) if "\\\\" in path[2:] else None
    if lone is not None:
        return _kept_of_quoted(path[: lone.start()], roots) + path[lone.start() :]
    names = names_of(path)
    if len(names) > 1:
        path = path.removeprefix("file:")
        return kept_of_path(decoded(path) if path[:1] in "\\/" else path, roots)
    is_server = path.startswith("\\\\") and names and len(names[0]) >= _MIN_SERVER
    return MARK if is_server else path


def _without_bare(text: str, roots: tuple[str, ...]) -> str:
    parts: list[str] = []
    at = 0  # what is before it is in *parts*
    for match in _RUN().finditer(text):
        start, run_end = max(at, match.start()), match.end()
        if start >= run_end or _is_url(text, start):
            continue
        lead = _lead(text, start, at)
        while start < run_end:
            begin, end = _segment(text, start, run_end, is_led=lead is not None)
            first = begin if lead is None else lead
            kept, last = _replacement(text, first, begin, end, roots)
            if kept is not None:
                parts += text[at:first], kept
                at = last
            start, lead = max(end, last), None
    return "".join((*parts, text[at:]))


def _is_url(text: str, start: int) -> bool:
    """Tell whether a run is a URL's host, which is no path."""
    if not text.startswith("//", start) or start < 2 or text[start - 1] != ":":
        return False
    return text[start - 2].isalnum() and text[max(0, start - 5) : start].lower() != "file:"


def _lead(text: str, start: int, at: int) -> int | None:
    """Return where the drive letter or the `$env:` before a run stands; None without one."""
    if text[max(0, start - 5) : start].lower() == "$env:":
        return max(at, start - 5)
    has_letter = start >= 2 and text[start - 1] == ":" and text[start - 2] in _LETTERS
    if text[start] not in "\\/" or not has_letter or text[start - 3 : start - 2].isalnum():
        return None
    return max(at, start - 2)


def _segment(text: str, start: int, end: int, *, is_led: bool) -> tuple[int, int]:
    """Return begin and end of what may be one path in the rest of a run.

    What a path is an argument of is left out before it, and escapes end it: both stay as they are.
    """
    escape = None if is_led else _ESCAPE().search(text, start, end)
    if escape is not None and escape.start() == start:
        return escape.end(), escape.end()
    stop = end if escape is None else escape.start()
    begin = start if is_led else _past_prefix(text, start, stop)
    if is_led or _SERVER().match(text, begin, end):
        lone = _LONE().search(text, begin, end) if "\\\\" in text[begin + 2 : end] else None
        return begin, lone.start() if lone else end
    return begin, stop


def _past_prefix(text: str, start: int, end: int) -> int:
    """Return where a path begins in a run such as `--model=/home/alice/x`."""
    places = [at for at in (text.find("/", start, end), text.find("\\", start, end)) if at != -1]
    separator = min(places, default=end)
    prefix = max(text.rfind(char, start, separator) for char in _PREFIX_ENDS)
    quote = text.rfind("'", start, separator)
    if quote > prefix and not text[quote - 1 : quote].isalnum():  # O'Brien
        prefix = quote
    return max(start, prefix + 1)


def _replacement(
    text: str, first: int, begin: int, end: int, roots: tuple[str, ...]
) -> tuple[str | None, int]:
    """Return what stands for a segment, or None, and where it ends.

    Args:
        text: The whole text.
        first: Where the path begins, with its drive or variable.
        begin: Where it begins without.
        end: Where its run ends.
        roots: Roots of packages.
    """
    last = _trimmed(text, begin, end)
    path = text[begin:last]
    if first < begin or _is_absolute(path):
        if last == end:
            last = _trimmed(text, begin, _extended(text, begin, last))
        names = names_of(text[begin:last])
        is_device = names[:1] == ["dev"] and len(names) == 2  # /dev/null
        if not names or set(names) == {".."} or is_device:
            return None, end
        kept = MARK if is_random_base64(path) else kept_of_path(text[first:last], roots)
        return (kept, _past_name(text, last)) if kept == MARK else (kept, last)
    return _kept_of_relative(path, roots), last


def _is_absolute(path: str) -> bool:
    """Tell whether a path names folders from a root, a home, a variable or the current folder."""
    names = names_of(path)
    if path[:1] in ("/", "\\"):
        is_server = path.startswith("\\\\") and bool(names) and len(names[0]) >= _MIN_SERVER
        return len(names) > 1 or is_server or MARK in path
    if path[:1] == "." and path[1:].lstrip(".")[:1] in ("/", "\\"):
        return True
    return len(names) > 1 and (path[0] in "~$" or (path[0] == "%" and names[0].endswith("%")))


def _kept_of_relative(path: str, roots: tuple[str, ...]) -> str | None:
    """Return what stands for a run that does not begin as a path does; None if it is none."""
    names = names_of(path)
    if len(names) < 2:
        return None
    if is_random_base64(path):
        return MARK
    is_file = has_file_ending(names[-1])
    kept = kept_of_path(path, roots)
    if "\\" in path:
        return _kept_of_backslashed(path, names, kept)
    is_below_root = "/" in kept and (is_file or len(names) > 2)
    if is_below_root or is_file:
        is_kept = kept == path or (is_package_relative(names) and not is_below_root)
        return None if is_kept else kept
    if len(names) == 2 and (kept != MARK or names[-1] == MARK):
        return None  # org/name, and/or; a port before what was a URL's path
    if all(name.isalnum() and len(name) <= _MAX_ALTERNATIVE for name in names):
        return kept if kept == MARK or {"home", "users"} & set(map(str.lower, names)) else None
    is_number = not path.strip("0123456789./")
    return None if is_number else kept


def _kept_of_backslashed(path: str, names: list[str], kept: str) -> str | None:
    """Return what stands for a relative path of Windows, or for an account (CORP, alice)."""
    are_words = all(name.translate(_NO_JOINTS).isalnum() for name in names)
    if len(names) > 2 or has_file_ending(names[-1]) or "/" in kept:
        return kept
    # Neither name of an account may stay. A class of characters (^\\d+$) is none.
    return MARK if are_words and len(path) >= _MIN_ACCOUNT else None


def _trimmed(text: str, begin: int, end: int) -> int:
    """Return where a path ends without the punctuation of the sentence around it."""
    path = text[begin:end]
    spare = {
        closer: path.count(closer) - path.count(opener)
        for opener, closer in zip(_OPENERS, _CLOSERS, strict=True)
    }
    while end > begin:
        char = text[end - 1]
        if char in _CLOSERS:
            if spare[char] <= 0:
                break
            spare[char] -= 1
        elif char not in ".!'" or (char == "." and text[end - 2] in "./\\"):
            break
        end -= 1
    return end


def _extended(text: str, begin: int, end: int) -> int:
    """Return where a path with blanks in its folders' names ends."""
    has_back, has_slash = "\\" in text[begin:end], "/" in text[begin:end]
    while True:
        last = max(text.rfind("\\", begin, end), text.rfind("/", begin, end)) + 1
        if has_file_ending(text[last:end]) or text[end - 1] in ".'!" + _CLOSERS:
            return end
        further = _next_part(text, end, has_back=has_back, has_slash=has_slash)
        if further == end:
            return end
        end = further


def _next_part(text: str, end: int, *, has_back: bool, has_slash: bool) -> int:
    """Return the end of the word after *end* that holds the path's next separator; else *end*."""
    at = end
    is_sentence = False
    for _ in range(_MAX_WORDS):
        match = _GAP().match(text, at)
        if match is None:
            return end
        word = match["word"]
        places = [place for place in (word.find("\\"), word.find("/")) if place != -1]
        if not places:
            is_sentence = is_sentence or word.strip(".!'()").lower() in _SENTENCE
            at = match.end()
            continue
        is_other = not ((has_back and "\\" in word) or (has_slash and "/" in word))
        begins_anew = (
            min(places) == 0 or word[0] in "$~%" or word[min(places) - 1] in _PREFIX_ENDS + "'"
        )
        if is_other or begins_anew:
            return end
        is_id = len(names_of(word)) == 2 and not has_file_ending(word.rstrip(".)'"))
        return end if is_sentence and is_id and not has_back else match.end()
    return end


def _past_name(text: str, end: int) -> int:
    """Return where a user's name ends whose first word was a path's end: Alice Smith."""
    for _ in range(_MAX_NAMES):
        match = _FAMILY_NAME().match(text, end)
        if match is None:
            break
        end = match.end()
    return end
