"""The clocks that this package goes by, bound before a host's tests can patch them.

A host replaces `time.monotonic` or `time.sleep` for its own sake. What it hands out one by one must
not be taken by us, and what its replacement raises or answers is nothing that we should meet. So
every module takes its clocks from here, and this module is loaded with the generated package.
"""

from __future__ import annotations

from time import gmtime, monotonic, sleep, strftime
from time import time as now

__all__ = ["gmtime", "monotonic", "now", "sleep", "strftime"]
