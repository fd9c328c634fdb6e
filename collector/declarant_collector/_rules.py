"""The collector's rules: what each refuses, in which phase, and how that is known.

Owns the permanent rule ids. A rule is *local* when no public evidence shows the real collector
refusing the same thing; local rules are on by default and can be switched off.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["RULES", "Phase", "Policy", "Rule", "Violation"]

FORMAT = "InvalidEventFormat"
TENANT = "InvalidTenantToken"
DEVICE = "InvalidDeviceLocalId"
USER = "InvalidUserLocalId"
THROTTLED = "EventLevelThrottling"


class Phase(Enum):
    """When a rule is applied, which decides how much it refuses.

    Source:
        onecollector.md 2.2.
    """

    REQUEST = "request"
    PARSE = "parse"
    VALIDATION = "validation"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing the collector does not take.

    Attributes:
        id: Permanent name, shown in the API and, for local rules, in an answer header.
        phase: REQUEST and PARSE refuse the whole request, VALIDATION one event, FLAG nothing.
        reason: The word in the answer's ``efi``.
        is_local: True if no public evidence shows the real collector applying it.
        purpose: One sentence for people.
    """

    id: str
    phase: Phase
    reason: str
    is_local: bool
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One rule broken at one place.

    Attributes:
        rule: The rule.
        field: Path inside the event or name of the header; empty for the whole.
        message: What was expected and what was found; never holds an event's value or a key.
    """

    rule: Rule
    field: str
    message: str


def _table(rows: Iterable[tuple[str, Phase, str, bool, str]]) -> Mapping[str, Rule]:
    return MappingProxyType(
        {
            row[0]: Rule(id=row[0], phase=row[1], reason=row[2], is_local=row[3], purpose=row[4])
            for row in rows
        }
    )


_R, _P, _V, _F = Phase.REQUEST, Phase.PARSE, Phase.VALIDATION, Phase.FLAG

RULES: Mapping[str, Rule] = _table(
    [
        # The request as a whole. Source: onecollector.md 1.2 to 1.7, 2.1 and A16 to A32.
        ("KEY_MISSING", _R, TENANT, True, "A request names its tenant by a key."),
        ("KEY_SHAPE", _R, TENANT, True, "A key is 32 hex digits, a GUID and 4 digits."),
        ("TENANT_UNKNOWN", _R, TENANT, False, "A key belongs to a tenant of this collector."),
        ("MEDIA_TYPE", _R, FORMAT, False, "Events come as application/x-json-stream."),
        ("BODY_ARRAY", _R, FORMAT, False, "Events are separate lines, not a JSON array."),
        ("CHARSET", _R, FORMAT, True, "The stream is UTF-8."),
        ("BOND_UNSUPPORTED", _R, FORMAT, True, "This collector reads JSON, not Bond."),
        ("CODING_UNKNOWN", _R, FORMAT, False, "The body is plain, gzip or raw deflate."),
        ("BODY_TOO_LARGE", _R, FORMAT, False, "A request keeps within the byte limit."),
        ("DECODED_TOO_LARGE", _R, FORMAT, True, "The limit counts decompressed bytes as well."),
        # The parse phase: one culprit refuses everything. Source: 2.2, 3.1 to 3.5, 7, A05 to A10.
        ("CODING_BROKEN", _P, FORMAT, False, "A compressed body can be decompressed."),
        ("ZLIB_WRAPPED", _P, FORMAT, True, "deflate means raw deflate, without a zlib header."),
        ("EMPTY_BODY", _P, FORMAT, True, "A request carries at least one event."),
        ("BLANK_LINE", _P, FORMAT, True, "No line of the stream is blank."),
        ("BYTE_ORDER_MARK", _P, FORMAT, True, "The stream starts without a byte order mark."),
        ("UTF8_INVALID", _P, FORMAT, False, "Every line is UTF-8."),
        ("JSON_INVALID", _P, FORMAT, False, "Every line is JSON."),
        ("JSON_DEPTH", _P, FORMAT, False, "Nesting keeps within what a parser can follow."),
        ("JSON_DUPLICATE_KEY", _P, FORMAT, True, "An object names each key once."),
        ("JSON_NON_FINITE", _P, FORMAT, True, "Numbers are finite."),
        ("JSON_LONE_SURROGATE", _P, FORMAT, True, "Text can be written as UTF-8."),
        ("EVENT_NOT_OBJECT", _P, FORMAT, False, "Every line is a JSON object."),
        ("ENVELOPE_FIELD_MISSING", _P, FORMAT, False, "ver, name, time and iKey are present."),
        ("ENVELOPE_FIELD_TYPE", _P, FORMAT, False, "Envelope fields have their JSON type."),
        ("UNKNOWN_TOP_LEVEL_FIELD", _P, FORMAT, True, "The envelope has documented fields only."),
        ("VERSION_UNKNOWN", _P, FORMAT, True, "ver is 4.0 or 3.0."),
        ("TIME_FORMAT", _P, FORMAT, True, "time is ISO 8601 in UTC with a final Z."),
        ("EXT_SLOT_UNKNOWN", _P, FORMAT, True, "ext holds documented slots only."),
        ("EXT_SLOT_REFUSED", _P, FORMAT, False, "ext holds no slot known to be refused."),
        ("EXT_SLOT_TYPE", _P, FORMAT, False, "A slot is a JSON object."),
        ("EXT_FIELD_UNKNOWN", _P, FORMAT, False, "A slot holds documented fields only."),
        ("EXT_FIELD_TYPE", _P, FORMAT, True, "An ext field has its documented JSON type."),
        ("EXT_SERVER_FIELD", _P, FORMAT, True, "A client leaves the collector's fields alone."),
        ("PART_B_TYPE", _P, FORMAT, True, "data.baseType is a string, data.baseData an object."),
        # The validation phase: by index. Source: 2.2, 3.6, 3.9, A11 to A16, A20, A36, A43.
        ("IKEY_FULL_KEY", _V, TENANT, False, "The envelope carries o: and the tenant token only."),
        ("TENANT_INVALID", _V, TENANT, False, "The event's tenant is among the valid keys."),
        ("IKEY_UNMATCHED", _V, TENANT, True, "The event's tenant is among the request's keys."),
        ("DEVICE_LOCAL_ID", _V, DEVICE, False, "ext.device.localId has a known scope prefix."),
        ("USER_LOCAL_ID", _V, USER, False, "ext.user.localId has a known scope prefix."),
        ("DEVICE_LOCAL_ID_FORM", _V, DEVICE, True, "A device id has the form of its scope."),
        ("USER_LOCAL_ID_FORM", _V, USER, True, "A user id has the form of its scope."),
        ("DEVICE_AUTH_SEC_ID", _V, FORMAT, False, "ext.device.authSecId is absent or empty."),
        ("EVENT_NAME", _V, FORMAT, True, "The name is one that every client can send."),
        ("THROTTLED", _V, THROTTLED, False, "The event is within its quota (scripted)."),
        ("CATALOGUE_EVENT", _V, FORMAT, True, "The catalogue declares the event."),
        ("CATALOGUE_DATA", _V, FORMAT, True, "data fits the event's schema."),
        ("CATALOGUE_EXT", _V, FORMAT, True, "The catalogue lets the event carry the ext field."),
        # Taken, but worth a word. Source: A31, A43.
        ("GZIP_AS_DEFLATE", _F, "", False, "gzip bytes are not labelled deflate."),
        ("EVENT_NAME_SHORT", _F, "", False, "A name below 4 characters is counted, never stored."),
        # Nothing was judged: a script answered.
        ("SCRIPTED", _R, "", False, "The fault script answered in the collector's place."),
    ]
)
"""Every rule by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which local rules are on.

    Attributes:
        off: Ids of the local rules that are switched off.
    """

    off: frozenset[str] = frozenset()

    @staticmethod
    def from_options(*, strict: bool, off: Iterable[str] = ()) -> Policy:
        """Return the policy of a collector.

        Args:
            strict: False switches every local rule off but those of a catalogue, which apply only
                when one is given.
            off: Local rules to switch off one by one.

        Raises:
            ValueError: *off* names something that is not a local rule.
        """
        chosen = set(off)
        local = {rule.id for rule in RULES.values() if rule.is_local}
        if unknown := sorted(chosen - local):
            raise ValueError(f"rule to switch off: expected a local rule, got {unknown[0]!r}")
        if not strict:
            chosen |= {rule_id for rule_id in local if not rule_id.startswith("CATALOGUE_")}
        return Policy(off=frozenset(chosen))

    def is_on(self, rule_id: str) -> bool:
        """Return whether the rule is applied."""
        return rule_id not in self.off

    def kept(self, violations: Iterable[Violation]) -> tuple[Violation, ...]:
        """Return those of *violations* whose rule is on."""
        return tuple(each for each in violations if each.rule.id not in self.off)


def violation(rule_id: str, field: str, message: str) -> Violation:
    """Return a violation of the rule with that id."""
    return Violation(rule=RULES[rule_id], field=field, message=message)
