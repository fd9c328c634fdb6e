"""The schema files of a new catalogue.

Owns their content: the least that shows a choice, a bounded number and a yes or no, with the
context that Common Schema 4.0 documents and the runtime can fill. What they say to users is true of
every product that sends nothing else.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_text import json_text
from declarant_codegen.sensitivity import SENSITIVITIES

if TYPE_CHECKING:
    from declarant_codegen.scaffold.answers import Answers

__all__ = ["schema_files"]

_WIDTH = 60
"""Columns up to which a value stands on one line; few, because these files are edited."""

_RETENTION_DAYS = 90
_VALID_DAYS = 365
"""Days from now on which the first event may be sent: a decision that nobody renews ends."""


def schema_files(answers: Answers, day: str) -> dict[str, str]:
    """Return path below the schemas folder to text.

    Args:
        answers: Checked.
        day: The ISO date of today.
    """
    context = _context(answers.display_name)
    files: dict[str, Any] = {
        "catalogue.json": _catalogue(answers),
        answers.event_file: _event(answers, day, slots=list(context)),
        **{f"ext/{slot}.schema.json": value for slot, value in context.items()},
    }
    return {path: json_text(value, width=_WIDTH, plain=True) for path, value in files.items()}


def _catalogue(answers: Answers) -> dict[str, Any]:
    name = answers.display_name
    approvers = {key: [answers.approver] for key in (*SENSITIVITIES, "rules")}
    return {
        "$schema": "meta/catalogue.v1.json",
        "product": answers.product,
        "display_name": name,
        "package": answers.package,
        "distribution": answers.distribution,
        "version": "0.1.0",
        "event_prefix": answers.event_prefix,
        "endpoint": answers.endpoint,
        "consent": {
            "version": 1,
            "default": False,
            "notice": {
                "usage": f"That {name} was started, by a person or by a script; how long the start "
                "took, and whether it was this installation's first.",
                "system": "The operating system's name and version.",
                "versions": f"The versions of {name} and of its event library.",
                "ids": "A random identifier of this installation and of this run, and an event "
                "counter.",
            },
            "never": [
                {
                    "line": "The names of files and folders.",
                    "names": ["path", "file", "filename", "folder", "directory", "dir", "cwd"],
                },
                {
                    "line": "Passwords, keys and other credentials.",
                    "names": ["password", "passphrase", "secret", "credential", "token", "api_key"],
                },
            ],
        },
        "review": {"approvers": approvers, "self_approval": True},
    }


def _event(answers: Answers, day: str, *, slots: list[str]) -> dict[str, Any]:
    name = answers.display_name
    expires = datetime.date.fromisoformat(day) + datetime.timedelta(days=_VALID_DAYS)
    fields = {
        "started_by": {
            "description": "Who started it: a person at a terminal, or a script. A choice from a "
            "list holds nothing else.",
            "type": "string",
            "enum": ["person", "script"],
            "x-class": "low",
            "x-notice": "usage",
        },
        "startup_ms": {
            "description": "How long the start took, in milliseconds; at most ten minutes. A "
            "number has a bound at both ends: the tighter, the less it tells of anybody.",
            "type": "integer",
            "minimum": 0,
            "maximum": 600_000,
            "x-unit": "ms",
            "x-class": "low",
            "x-notice": "usage",
        },
        "is_first_start": {
            "description": "True if it is the first start of this installation.",
            "type": "boolean",
            "x-class": "low",
            "x-notice": "usage",
        },
    }
    return {
        "$schema": "../meta/event.v1.json",
        "title": answers.event,
        "description": f"{name} started. Sent once a run, when it is ready; it says nothing of "
        "what is done with it.",
        "x-purpose": "Learn how often it is started by people and by scripts and how long they "
        "wait, to decide whether its start must become faster.",
        "x-owners": [answers.owner],
        "x-level": "optional",
        "x-retention-days": _RETENTION_DAYS,
        "x-expires": str(expires),
        "x-ext": slots,
        "type": "object",
        "additionalProperties": False,
        "required": list(fields),
        "properties": fields,
    }


def _context(name: str) -> dict[str, dict[str, Any]]:
    """Return slot to its schema: fields that mean on the wire what the standard says they mean."""
    return {
        "app": _slot(
            "app",
            f"{name} itself.",
            ver=_text(
                f"{name}'s version.",
                source="app_version",
                pattern="^[A-Za-z0-9][A-Za-z0-9_.+!-]{0,63}$",
                notice="versions",
            ),
            sesId=_identifier(
                "A random identifier of this run; a new one is drawn for each run.",
                source="session_id",
                pattern="^[0-9a-f-]{32,36}$",
            ),
        ),
        "device": _slot(
            "device",
            f"The device {name} runs on, by a random identifier only.",
            localId=_identifier(
                'A random identifier drawn on this device, with the scope prefix "r:"; made from '
                "nothing about the device or its user, and replaced when the user deletes it.",
                source="device_id",
                pattern="^r:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            ),
        ),
        "os": _slot(
            "os",
            f"The operating system {name} runs on.",
            name=_text(
                'The operating system\'s name, such as "Windows" or "Linux".',
                source="os_name",
                pattern="^[A-Za-z][A-Za-z0-9 _.-]{0,63}$",
                notice="system",
            ),
            ver=_text(
                'The operating system\'s version or kernel release, such as "10.0.26100".',
                source="os_version",
                pattern="^[A-Za-z0-9][A-Za-z0-9 _.+~-]{0,63}$",
                notice="system",
            ),
        ),
        "sdk": _slot(
            "sdk",
            "The event library, and a numbering of its events by which loss and duplicates are "
            "seen downstream.",
            ver=_text(
                "The event library's name and version.",
                source="sdk_version",
                pattern="^[A-Za-z0-9][A-Za-z0-9_.+!-]{0,63}$",
                notice="versions",
            ),
            epoch=_identifier(
                "A random identifier of the process that numbers the events.",
                source="epoch",
                pattern="^[0-9A-Za-z-]{1,36}$",
            ),
            seq={
                "description": "The event's number within its epoch, each one higher than the "
                "last.",
                "type": "integer",
                "minimum": 0,
                "maximum": 2**53 - 1,
                "x-unit": "count",
                "x-source": "sequence",
                "x-class": "low",
                "x-notice": "ids",
            },
        ),
    }


def _slot(title: str, description: str, **fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "../meta/ext.v1.json",
        "title": title,
        "description": description,
        "type": "object",
        "additionalProperties": False,
        "properties": fields,
    }


def _text(
    description: str, *, source: str, pattern: str, notice: str, sensitivity: str = "middle"
) -> dict[str, Any]:
    return {
        "description": description,
        "type": "string",
        "pattern": pattern,
        "x-source": source,
        "x-class": sensitivity,
        "x-notice": notice,
    }


def _identifier(description: str, *, source: str, pattern: str) -> dict[str, Any]:
    return _text(
        description, source=source, pattern=pattern, notice="ids", sensitivity="identifier"
    )
