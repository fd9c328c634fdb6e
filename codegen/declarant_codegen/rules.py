"""The table of rules: permanent ids, severities, and why each rule exists.

An id never changes its meaning; a retired rule keeps its id. Messages are made where a problem
is found, not here. Each rule has an example in ``rule_examples.json``, which ``explain`` shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Severity(Enum):
    """Whether a finding stops generation."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        id: Permanent id.
        severity: What breaking it means.
        purpose: One sentence for the author who asks why.
    """

    id: str
    severity: Severity
    purpose: str


_ERRORS = {
    # Files
    "FILE_UNREADABLE": "What cannot be read cannot be checked, and nothing may be built on it.",
    "FILE_TOO_LARGE": "Schema files are written by people; a huge one is a mistake or an attack.",
    "FILE_LINK": "A symbolic link could bring text from outside the catalogue into it unseen.",
    "FILE_UNEXPECTED": "A file the loader does not read looks declared but is not.",
    "FILE_NAME": "A file is found by the name of what it declares.",
    "CATALOGUE_MISSING": "Events belong to a product, and schemas/catalogue.json names it.",
    "EVENTS_MISSING": "A catalogue without an event lets nothing be sent, and makes no package.",
    "JSON_ENCODING": "Schemas are UTF-8; other bytes read differently on other machines.",
    "JSON_BOM": "A byte order mark is invisible and refused by other JSON readers.",
    "JSON_SYNTAX": "Only one reading of a file is allowed, that of RFC 8259.",
    "JSON_DUPLICATE_KEY": "Of two equal keys one reader keeps the first, another the last.",
    "JSON_NOT_A_NUMBER": "NaN and Infinity are not JSON, and no bound can hold them.",
    "JSON_NUMBER_TOO_LARGE": "Numbers beyond a double's range or 64 bits change between readers.",
    "JSON_TOO_DEEP": "Deep nesting breaks readers, and no event needs it.",
    # Dialect
    "META_MISSING": "Editors check schema files against the dialect's files in schemas/meta.",
    "META_CHANGED": "Editors and this tool must check against one and the same dialect.",
    "DIALECT_UNKNOWN": "The dialect a file names decides what editors check in it.",
    "KEYWORD_UNKNOWN": "A keyword that nothing enforces is a decorative constraint.",
    "KEYWORD_VALUE": "A keyword's value must be one that the whole system understands.",
    "KEYWORD_MISSING": "What reviewers and users rely on must be stated.",
    "KEYWORD_WITHOUT_EFFECT": "A keyword that does not apply to the type enforces nothing.",
    # References
    "REF_FORM": "A reference must be a path inside the catalogue and a JSON pointer.",
    "REF_REMOTE": "The catalogue never reads the network; its meaning must not depend on it.",
    "REF_OUTSIDE": "What may be sent is declared inside the catalogue's folder and nowhere else.",
    "REF_MISSING": "A reference without target declares nothing.",
    "REF_RECURSIVE": "A schema that contains itself has no bounded size.",
    "REF_TOO_LARGE": "Definitions that multiply each other unfold to more than any event holds.",
    "REF_SIBLING": "A keyword beside $ref that the target also has would hide one of the two.",
    # Bounds
    "TYPE_MISSING": "Without a type a field takes anything.",
    "TYPE_UNION": "One field holds one type of value, or null.",
    "STRING_UNBOUNDED": "An unbounded string can carry a whole file.",
    "NUMBER_UNBOUNDED": "An unbounded number can carry any identifier.",
    "NUMBER_TOO_WIDE": "The wire carries integers of 64 bits.",
    "ARRAY_UNBOUNDED": "An unbounded array has no largest event.",
    "EVENT_TOO_LARGE": "An event that can exceed what is stored is dropped when it does.",
    "ITEMS_MISSING": "An array without items takes anything.",
    "OBJECT_OPEN": "An open object carries keys that no schema names.",
    "REQUIRED_UNKNOWN": "A required name that is no property can never be given.",
    "ENUM_DUPLICATE": "A value listed twice hides a typing slip.",
    "ENUM_TYPE": "A listed value of another type can never be valid.",
    "BOUNDS_CONTRADICT": "Bounds that exclude each other leave no valid value.",
    "VALUE_UNREACHABLE": "A listed value that the other keywords refuse can never be sent.",
    "EXAMPLE_INVALID": "An example that is not valid teaches the wrong thing.",
    "PATTERN_UNSAFE": "A pattern must mean the same in every engine and never hang one.",
    "EXCEPTION_FIELDS": "An emitter fills by name what an exception tells, and asks for the rest.",
    "EXCEPTION_FIELD_FORM": "A field that some exceptions do not fit loses just those errors.",
    "EXPIRES_DATE": "An expiry that is no date never comes.",
    # Privacy
    "CLASS_TOO_LOW": "A class below what the type admits hides sensitive data from review.",
    "NAME_SENSITIVE": "A name that says personal data under a low class hides it from review.",
    "SCRUB_MISSING": "Free text without a scrubber carries whatever users typed.",
    "SCRUB_VECTORS_MISSING": "Only examples show a reviewer what a scrubber keeps of this text.",
    "SCRUB_VECTOR_FAILED": "What reviewers read of a scrubber must be what the runtime does.",
    "SCRUB_CONTRADICTED": "A scrubber changes text, so nothing but maxLength may bound it.",
    "SCRUB_MISPLACED": "A scrubber changes text, so it belongs to free text only.",
    "REASON_MISSING": "Free text is the last resort; a reviewer must see why it is needed.",
    "NOTICE_MISSING": "Users consent to the lines of the notice; each field falls under one.",
    "NOTICE_UNKNOWN": "A notice line that the catalogue does not have is shown to nobody.",
    "LINKABILITY_BROKEN": "What rides along with an identifier is known of whom it identifies.",
    "LINKABILITY_UNKNOWN": "A rule about an identifier that nobody collects protects nobody.",
    "NEVER_CONTRADICTED": "What users are told is never collected must hold for every field.",
    # Names and text
    "EVENT_NAME_FORM": "Other names are dropped by the collector or by its tables.",
    "EVENT_NAME_PREFIX": "The prefix keeps the events of products apart.",
    "EVENT_NAME_COLLISION": "Two events whose names differ in case or look alone are confused.",
    "FIELD_NAME_FORM": "One form of names keeps arguments, wire names and columns the same.",
    "FIELD_NAME_PYTHON": "The name becomes a Python argument and may not be the language's.",
    "FIELD_NAME_INTERNAL": "The name is taken by the generated emitter itself.",
    "FIELD_NAME_COLLISION": "Two fields whose names look alike are confused by people.",
    "FIELD_SHADOWS_ENVELOPE": "A field named like the envelope's own is mistaken for it.",
    "FIELD_RESERVED_PREFIX": "Downstream, names with these prefixes have a meaning of their own.",
    "PACKAGE_NAME": "The generated package must not hide one that Python or Declarant has.",
    "ENDPOINT_FORM": "Events travel to a collector over TLS, or to this machine.",
    "TEXT_CONTROL": "Control characters are invisible to reviewers and break output.",
    "TEXT_BIDI": "Bidirectional controls make text read otherwise than it is.",
    "TEXT_INVISIBLE": "Invisible characters make two different texts look the same.",
    "TEXT_LOOKALIKE": "Letters of another alphabet inside a value make it look like another value.",
    # Common Schema 4.0
    "EXT_SLOT_UNKNOWN": "A slot that Common Schema 4.0 does not have is refused with its batch.",
    "EXT_SLOT_NOT_PERMITTED": "An event may carry only slots that the catalogue permits.",
    "EXT_FIELD_UNDOCUMENTED": "One undocumented field makes the collector refuse the whole batch.",
    "EXT_FIELD_SERVER_SIDE": "The collector fills this field; a client's value is no use.",
    "EXT_FIELD_REFUSED": "The collector is known to refuse this field from clients.",
    "EXT_FIELD_TYPE": "A value of another JSON type makes the collector refuse the whole batch.",
    "EXT_FIELD_NULLABLE": "An ext field without value is left out; null is another JSON type.",
    "EXT_LOCAL_ID_SCOPE": "A local id without its scope prefix makes the collector refuse events.",
    "EXT_SOURCE_UNKNOWN": "Only values that the runtime has can fill an ext field.",
    "EXT_SOURCE_TYPE": "A source of another type never fits its field.",
    # Approvals
    "SEAL_MISSING": "What nobody approved may not be sent.",
    "SEAL_MISMATCH": "An approval holds for what was approved, and for nothing wider.",
    "SEAL_INCOMPLETE": "Which roles must approve is a rule of the catalogue, and all of them must.",
    "SEAL_BROKEN": "An approval that was changed afterwards approves nothing.",
    "SEAL_SHRUNK": "The list of approvals only grows, so that nothing approved can be denied.",
    "SEAL_SELF_APPROVED": "Nobody is asked alone whether what they made may be sent.",
    "SEAL_DATE_ORDER": "Approvals follow each other, and by their dates it is judged what changed.",
    "SEAL_DATE_AHEAD": "Nobody has approved anything on a day that is yet to come.",
    "CONSENT_VERSION_LOW": "Users agreed to less, so they must be asked again.",
    "BREAKING_CHANGE": "Callers and readers of the data must know before something breaks.",
    # Exceptions and time
    "SUPPRESSION_NOT_ALLOWED": "What the collector refuses or users rely on has no exception.",
    "SUPPRESSION_TOO_WIDE": "An exception for a place around fields would hide what comes later.",
    "SUPPRESSION_EXPIRED": "An exception without end is another rule.",
    "ACCEPTED_BREAK_EXPIRED": "An exception without end is another rule.",
    "EXPIRED": "An event past its date needs a new decision, or goes.",
    # Generated files
    "DRIFT_STALE": "What reviewers read in the schemas must be what runs.",
    "DRIFT_EDITED": "A generated file that was edited declares what no schema does.",
    "DRIFT_MERGED": "Files of two generations do not fit each other, and no schema declares both.",
    "DRIFT_MISSING": "A generated package with a file gone is another package.",
    "DRIFT_ORPHANED": "A generated file that nothing declares can still be imported, and sends.",
    "DRIFT_BLOCKED": "What stands in a file's place may be anybody's, so it is never touched.",
    "DRIFT_FOREIGN": "What nobody declared or approved would ship inside the generated package.",
    "DRIFT_DRAFT": "A draft is for trying out on one machine; what is handed on must be approved.",
    "DRIFT_OTHER_GENERATOR": "Files of two generator versions may not fit each other.",
}

_WARNINGS = {
    "CONSENT_VERSION_NEEDLESS": "Users who are asked without need stop reading.",
    "SUPPRESSION_UNUSED": "An exception that nothing needs hides the next mistake.",
    "ACCEPTED_BREAK_UNUSED": "An exception that nothing needs hides the next mistake.",
    "EXPIRES_SOON": "A decision on an event's data takes time.",
    "DEF_UNUSED": "A definition that nothing refers to declares nothing.",
    "NOTICE_UNUSED": "A notice line without a field tells users of data that nobody collects.",
    "EXT_SLOT_UNUSED": "A permitted slot that no event carries is permission without need.",
}


def _rules() -> dict[str, Rule]:
    rows = [(id_, Severity.ERROR, text) for id_, text in _ERRORS.items()]
    rows += [(id_, Severity.WARNING, text) for id_, text in _WARNINGS.items()]
    return {id_: Rule(id=id_, severity=level, purpose=text) for id_, level, text in sorted(rows)}


RULES: Mapping[str, Rule] = _rules()
"""Every rule by its id, sorted."""

SUPPRESSIBLE = frozenset(
    {"DEF_UNUSED", "EVENT_NAME_PREFIX", "EXT_SLOT_UNUSED", "NAME_SENSITIVE", "NOTICE_UNUSED"}
)
"""Rules of judgement, which a catalogue may except a place from for a time."""

JUDGING = frozenset(
    {
        "CLASS_TOO_LOW",
        "EVENT_NAME_PREFIX",
        "EVENT_TOO_LARGE",
        "LINKABILITY_BROKEN",
        "LINKABILITY_UNKNOWN",
        "NAME_SENSITIVE",
        "NEVER_CONTRADICTED",
        "NOTICE_MISSING",
        "REASON_MISSING",
        "SCRUB_CONTRADICTED",
        "SCRUB_VECTORS_MISSING",
        "SCRUB_VECTOR_FAILED",
        "SUPPRESSION_NOT_ALLOWED",
        "SUPPRESSION_TOO_WIDE",
    }
)
"""Errors of judgement: what a catalogue declares is clear all the same."""

MENDED_BY_GENERATE = frozenset({"META_MISSING", "META_CHANGED"})
"""Errors that ``declarant generate`` mends itself, so that they do not stop it."""

MENDED_ALONE = MENDED_BY_GENERATE | frozenset(
    {
        "DRIFT_EDITED",
        "DRIFT_MERGED",
        "DRIFT_MISSING",
        "DRIFT_ORPHANED",
        "DRIFT_OTHER_GENERATOR",
        "DRIFT_STALE",
    }
)
"""Errors after which ``declarant generate`` is all there is to do."""
