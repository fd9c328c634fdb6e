"""Ext slots: what messages say of names and scopes."""

from __future__ import annotations

from typing import Any

import pytest

from declarant_codegen.cs40 import SLOTS
from declarant_codegen.ext_slots import check_ext_field, check_slot

TEXT = {"type": "string"}


def message(slot: str, name: str, schema: dict[str, Any]) -> str:
    """Return the one message on a field."""
    ((_, _, text),) = check_ext_field(SLOTS[slot], name, schema)
    return text


@pytest.mark.parametrize(
    ("slot", "name", "mend"),
    [
        ("device", "ip", "remove it"),
        ("app", "iid", "remove it"),
        ("user", "idd", "remove it"),
        ("device", "modle", 'did you mean "model"?'),
    ],
)
def test_only_fields_that_a_client_may_send_are_suggested(slot: str, name: str, mend: str) -> None:
    """A name that the collector fills or refuses is no way out of an undocumented one."""
    assert f"; {mend} (the collector answers" in message(slot, name, TEXT)


def test_every_suggestion_is_a_field_that_clients_send() -> None:
    """One slip in any field's name never leads to one that the collector fills."""
    for slot in SLOTS.values():
        for name, field in slot.fields.items():
            slip = name + "x"
            if slip not in slot.fields and field.origin == "server":
                assert f'did you mean "{name}"' not in message(slot.name, slip, TEXT)


def test_only_slots_that_a_client_fills_are_suggested() -> None:
    """A slot of the collector's own is not suggested for a slip in its name."""
    for slot in SLOTS.values():
        if slot.is_server_only:
            _, text = check_slot(slot.name + "x")
            assert text is not None
            assert f'did you mean "{slot.name}"' not in text


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({"pattern": "^[a-z]:[0-9]{1,9}$"}, 'the pattern "^[a-z]:[0-9]{1,9}$"'),
        ({"pattern": "^q:[0-9]{1,9}$"}, 'the pattern "^q:[0-9]{1,9}$"'),
        ({"enum": ["r:1", "q:1"]}, 'the value "q:1"'),
        ({"const": "r"}, 'the value "r"'),
        ({"maxLength": 9}, "neither a pattern nor an enum"),
    ],
)
def test_a_local_id_without_scope_is_told_what_was_found(
    schema: dict[str, Any], found: str
) -> None:
    """The message quotes what stands there and lists every scope."""
    text = message("device", "localId", {**TEXT, **schema})

    assert f", found {found}; scopes: c: (custom" in text
    assert "r: (random UUID)" in text


@pytest.mark.parametrize("pattern", ["^r:[0-9]{1,9}$", "^[rc]:[0-9]{1,9}$", "^(?:r|c):[0-9]{1,9}$"])
def test_a_local_id_with_scope_is_right(pattern: str) -> None:
    """One scope or several of those that exist."""
    assert list(check_ext_field(SLOTS["device"], "localId", {**TEXT, "pattern": pattern})) == []
