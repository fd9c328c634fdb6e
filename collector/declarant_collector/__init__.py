"""The local collector: answers as the real OneCollector does and shows what came, and why not.

Owns the HTTP endpoint, its rules and its store. Comes with the extra ``codegen``; no part of the
runtime.
"""

from __future__ import annotations

from declarant_collector._collector import Collector
from declarant_collector._rows import StoredEvent, StoredRequest, StoredViolation
from declarant_collector._rules import RULES, Phase, Rule
from declarant_collector._script import Connection, Drip, Kill, Script, ScriptRule, When
from declarant_collector._script_file import ScriptError, load_script

__all__ = [
    "RULES",
    "Collector",
    "Connection",
    "Drip",
    "Kill",
    "Phase",
    "Rule",
    "Script",
    "ScriptError",
    "ScriptRule",
    "StoredEvent",
    "StoredRequest",
    "StoredViolation",
    "When",
    "load_script",
]
