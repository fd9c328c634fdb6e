"""Values that errors of databases, validators and parsers repeat, where their form says so.

What a user's row, field or line holds may be anything, so none of it is kept.
"""

from __future__ import annotations

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

__all__ = ["without_report_values"]

#: PostgreSQL's detail of a violated constraint: columns and what stood in them.
_KEY = Lazy(
    r"(?<=Key )(?P<columns>\([^()\n]{1,512}\)=)\([^\n]{1,512}?\)(?= (?:already|is|conf|ref))"
)
_ROW = Lazy(r"(?<=ow contains )\([^\n]*")
#: MySQL's.
_DUPLICATE = Lazy(r"(?<=Duplicate entry )'[^\n]{1,512}?'(?= for key)")
#: SQLAlchemy's list of what was bound to a statement, to the end of its line.
_BOUND = Lazy(r"(?<=\[parameters: )[^\n]*")
#: pydantic's, with the type of the value behind it.
_INPUT = Lazy(r"(?<=input_value=)[^\n]*")
_INPUT_END = ", input_type="
#: configparser's line of a file that it could not read.
_LINE = Lazy(r"(?P<line>\[line[ ]{1,4}[0-9]{1,9}\]: )[^\n]*")
#: PostgreSQL's and the system's words for an account that does not exist.
_ACCOUNT = Lazy(
    r"(?<=name not found: )'[^'\n]{1,64}'|(?<=role )\"[^\"\n]{1,64}\"(?= does not exist)"
)
#: jsonschema's value, before what is wrong with it, and at the end of its report.
_FAULTY = Lazy(
    r"\A[^\n]{1,8192}?(?= (?:is (?:not|too|less|greater)|does not|has (?:non|too)|should|was) )"
)
_INSTANCE = Lazy(r"(?P<head>On instance[^\n]{0,512}:\n\s{0,16})[^\n][\s\S]*")
#: A name in a path that goes on with the words of such a report: a folder may be called anything.
_FOLDER = Lazy(
    r"(?<=[/\\])(?:(?!DETAIL:)[^/\\\n\"']){1,128}?"
    r"(?=(?:(?:Failing |(?<!Failing ))row contains \(|Duplicate entry '|role \"|name not found: '"
    r"|\[parameters: |\[line |input_value=))"
)
_IN_FOLDERS = ("ow contains (", "Duplicate entry '", 'role "', "not found: '", "[", "input_value=")
_NOTHING = frozenset(("None", "True", "False", "{}", "[]", "''", '""', MARK))


def without_report_values(text: str) -> str:
    """Return marked text without such values."""
    if ("/" in text or "\\" in text) and any(map(text.__contains__, _IN_FOLDERS)):
        text = _FOLDER().sub(MARK, text)
    if "Key (" in text:
        text = _KEY().sub(rf"\g<columns>({MARK})", text)
    if "ow contains (" in text:
        text = _ROW().sub(f"({MARK})", text)
    if "Duplicate entry '" in text:
        text = _DUPLICATE().sub(f"'{MARK}'", text)
    if "[parameters: " in text:
        text = _BOUND().sub(_bound, text)
    if "input_value=" in text:
        text = _INPUT().sub(_input, text)
    if "name not found: '" in text or 'role "' in text:
        text = _ACCOUNT().sub(_account, text)
    if "\nFailed validating " in text:
        text = _INSTANCE().sub(_instance, _FAULTY().sub(MARK, text))
    if "[line " in text:
        text = _LINE().sub(rf"\g<line>{MARK}", text)
    return text


def _account(match: re.Match[str]) -> str:
    return f"{match[0][0]}{MARK}{match[0][0]}"


def _instance(match: re.Match[str]) -> str:
    return match["head"] + MARK


def _bound(match: re.Match[str]) -> str:
    return f"{MARK}]" if "]" in match[0] else MARK


def _input(match: re.Match[str]) -> str:
    value, found, after = match[0].rpartition(_INPUT_END)
    if not found or value in _NOTHING:
        return match[0]
    return f"{MARK}{found}{after}"
