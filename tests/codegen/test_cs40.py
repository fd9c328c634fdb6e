"""Common Schema 4.0 as data: complete, immutable, and agreeing with itself."""

from __future__ import annotations

import re

import pytest

from declarant_codegen.cs40 import (
    ENVELOPE,
    EVENT_NAME,
    LOCAL_ID_SCOPES,
    REFUSED_SLOTS,
    SLOTS,
    find_slot,
)

TYPES = {
    "array<string>",
    "boolean",
    "integer",
    "number",
    "object",
    "object<string,string>",
    "string",
    "unknown",
}
FIELDS = [(slot, field) for slot in SLOTS.values() for field in slot.fields.values()]


def test_the_whole_standard_is_here() -> None:
    """24 slots with 164 fields. Source: onecollector.md 4."""
    assert (len(SLOTS), len(FIELDS)) == (24, 164)
    assert set(ENVELOPE) == {
        *("ver", "name", "time", "iKey", "popSample", "flags", "cV", "tags"),
        *("ext", "data", "baseType", "baseData"),
    }


def test_every_field_says_what_is_known_of_it() -> None:
    """Type, origin and live status come from closed lists, and nothing is without a source."""
    assert {field.type for _, field in FIELDS} <= TYPES
    assert {field.live for _, field in FIELDS} == {"accepted", "production", "rejected", "unknown"}
    assert {field.origin for _, field in FIELDS} == {
        *("both", "client", "client (Windows UTC)", "server", "unknown"),
    }
    assert all(field.sources for _, field in FIELDS)


def test_os_has_the_five_fields_of_bond_and_the_windows_documents() -> None:
    """Source: onecollector.md 3.5, disagreement 1."""
    assert sorted(SLOTS["os"].fields) == ["bootId", "expId", "locale", "name", "ver"]
    assert SLOTS["os"].fields["bootId"].type == "integer"


@pytest.mark.parametrize(
    ("slot", "field"),
    [
        ("os", "release"),
        ("app", "initTs"),
        ("app", "iid"),
        ("app", "tz"),
        ("dt", "traceFlags"),
        ("device", "ip"),
    ],
)
def test_refused_fields_are_no_part_of_the_standard(slot: str, field: str) -> None:
    """What clients tried in vain is kept apart, with the answer."""
    assert field not in SLOTS[slot].fields
    assert "400" in SLOTS[slot].refused[field].answer


def test_one_documented_field_is_refused() -> None:
    """Source: onecollector.md A15."""
    refused = [(slot.name, field.name) for slot, field in FIELDS if field.refused is not None]

    assert refused == [("device", "authSecId")]


def test_server_slots_are_told_from_the_others() -> None:
    """Source: onecollector.md 3.5, slots in italics."""
    assert [name for name, slot in SLOTS.items() if slot.is_server_only] == ["ingest", "receipts"]


@pytest.mark.parametrize(
    ("spelling", "name"), [("intWeb", "intweb"), ("m365", "m365a"), ("js", "javascript")]
)
def test_a_slot_is_found_by_its_other_spelling(spelling: str, name: str) -> None:
    """Source: onecollector.md 3.5, disagreement 5."""
    assert find_slot(spelling) is SLOTS[name]


def test_no_spelling_is_no_slot() -> None:
    """Slots outside the standard are not found, known to be refused or not."""
    assert [find_slot(name) for name in ("ex", "trace", "browser")] == [None] * 3
    assert set(REFUSED_SLOTS) == {"ex", "trace"}


def test_the_tables_cannot_be_changed() -> None:
    """One shared table for the whole process."""
    with pytest.raises(TypeError):
        SLOTS["os"].fields["release"] = SLOTS["os"].fields["ver"]  # type: ignore[index]


@pytest.mark.parametrize("name", ["ModelKitAction", "Acme.Widget.Probe", "abcd", "A_b1", "a" * 100])
def test_names_that_all_clients_take(name: str) -> None:
    """Source: onecollector.md 3.6."""
    assert EVENT_NAME.allows(name)
    assert re.search(EVENT_NAME.pattern, name)


@pytest.mark.parametrize(
    "name", ["", "abc", "a" * 101, "1abc", "a..b", "ab.", "_abc", "a-bc", "abcd\n", "äbcd"]
)
def test_names_that_some_client_refuses(name: str) -> None:
    """Source: onecollector.md 3.6."""
    assert not EVENT_NAME.allows(name)


def test_local_id_scopes_differ_by_slot() -> None:
    """Source: onecollector.md 3.9."""
    assert set(LOCAL_ID_SCOPES["device"]) == set("cruaisxg")
    assert set(LOCAL_ID_SCOPES["user"]) == set("cmp")
