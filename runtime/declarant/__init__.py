"""Declarant: if it isn't declared, it doesn't leave the machine.

This package ships inside applications. It is small and quick to import; whatever is heavy is loaded
where it is used. Applications call the emitters of their generated package; the names here serve to
read what those return and to catch what they raise.
"""

from declarant._client import Client
from declarant._errors import ConfigError, DeclarantError, InvalidEvent, StoreError
from declarant._outcome import DropReason, Outcome
from declarant._version import __version__
from declarant._violations import Violation

__all__ = [
    "Client",
    "ConfigError",
    "DeclarantError",
    "DropReason",
    "InvalidEvent",
    "Outcome",
    "StoreError",
    "Violation",
    "__version__",
]
