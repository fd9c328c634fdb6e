"""The runtime values that may fill CS 4.0 ext fields, and the JSON text made of them.

A source is named by a schema's `x-source`. Nothing else ever reaches `ext`.
"""

from __future__ import annotations

import os
import sys

from declarant._text import text
from declarant._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from declarant._catalogue import ExtField

#: Source name to the JSON type of its value.
SOURCES = {
    "app_version": "string",
    "architecture": "string",
    "device_id": "string",
    "device_id_status": "string",
    "epoch": "string",
    "os_name": "string",
    "os_version": "string",
    "sdk_version": "string",
    "sequence": "integer",
    "session_id": "string",
}

#: Stands where each event's own sequence number goes.
SEQUENCE_MARK = "\0"


def random_uuid() -> str:
    """Return a random UUID, version 4, as 36 lower-case characters.

    Not `uuid.uuid4`: importing uuid costs as much as the rest of a start.
    """
    return as_uuid(os.urandom(16))


def as_uuid(random: bytes) -> str:
    """Return 16 random bytes in the form of a version 4 UUID."""
    value = bytearray(random)
    value[6] = value[6] & 0x0F | 0x40
    value[8] = value[8] & 0x3F | 0x80
    digits = value.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def platform_values() -> dict[str, object]:
    """Return the sources that describe the machine: operating system and architecture."""
    if sys.platform == "win32":
        version = sys.getwindowsversion()
        machine = os.environ.get("PROCESSOR_ARCHITECTURE", "")
        os_version = f"{version.major}.{version.minor}.{version.build}"
        return {"os_name": "Windows", "os_version": os_version, "architecture": machine.lower()}
    system = os.uname()
    # The kernel's release, not `version`: that one names build hosts on some systems.
    return {
        "os_name": system.sysname,
        "os_version": system.release,
        "architecture": system.machine,
    }


def process_values(app_version: str, device_id: str, device_id_status: str) -> dict[str, object]:
    """Return the value of each source but "sequence", for one set-up of one process."""
    return {
        **platform_values(),
        "app_version": app_version,
        "device_id": device_id,
        "device_id_status": device_id_status,
        "epoch": random_uuid(),
        "sdk_version": sdk_version(),
        "session_id": random_uuid(),
    }


def sdk_version() -> str:
    """Return what this SDK calls itself in `ext.sdk.ver`."""
    return f"declarant-python-{__version__}"


def render(
    fields: tuple[ExtField, ...],
    slots: tuple[str, ...],
    values: Mapping[str, object],
    left_out: Callable[[str], None],
) -> tuple[str, str]:
    """Return the text of `ext` for an event that carries *slots*, split at the sequence number.

    Args:
        fields: Permitted fields, in the order of the wire.
        slots: The slots this event carries.
        values: Source name to value.
        left_out: Told the path ("device.localId") of a field whose value does not fit its schema.

    Returns:
        Text before and after the sequence number, `{...}` braces included; the second part is
        empty when the event carries none.
    """
    parts: dict[str, list[str]] = {}
    for field in fields:
        if field.slot not in slots:
            continue
        if field.source == "sequence":
            rendered = SEQUENCE_MARK
        else:
            value = values.get(field.source)
            if value is None or not field.is_valid(value):
                left_out(f"{field.slot}.{field.name}")
                continue
            rendered = text(value) if isinstance(value, str) else str(value)
        parts.setdefault(field.slot, []).append(f"{text(field.name)}:{rendered}")
    body = ",".join(f"{text(slot)}:{{{','.join(members)}}}" for slot, members in parts.items())
    before, _, after = f"{{{body}}}".partition(SEQUENCE_MARK)
    return before, after


def envelope_parts(event_name: str, tenant: str, ext: tuple[str, str]) -> tuple[str, str, str]:
    """Return an envelope's text before the time, the sequence number and the data.

    Args:
        event_name: Its name on the wire.
        tenant: Tenant token of the key.
        ext: What `render` returns. Without a sequence number the last part is empty, and the second
            reaches up to the data.
    """
    before, after = ext
    before_time = f'{{"ver":"4.0","name":{text(event_name)},"time":"'
    before_sequence = f'Z","iKey":"o:{tenant}","ext":{before}'
    before_data = f'{after},"data":{{'
    if not after:
        return before_time, before_sequence + before_data, ""
    return before_time, before_sequence, before_data
