"""Calls of the generated emitters as type checkers see them; nothing here runs.

A comment `error: CODE, CODE` stands on each line on which mypy and pyright must find fault; so each
such call stands on one line.
"""

# ruff: noqa: E501
# fmt: off

from declarant import Outcome, consent
from modelkit_events import (
    CATALOGUE,
    configure,
    emit_model_kit_action,
    emit_model_kit_error,
    emit_model_kit_error_from,
    emit_model_kit_heartbeat,
)

configure(app_version="1.0", consent="granted", delivery="detached")
resolution = consent.resolve(CATALOGUE, "stored", disabled=False)
words: str = resolution.decided_by.words
agreed: bool | None = consent.ask(CATALOGUE, seconds=1.0)
deleted: int = consent.withdraw(CATALOGUE, store_folder="x")
consent.resolve(CATALOGUE, "yes")  # error: arg-type, reportArgumentType
configure(app_version="1.0", consent="ask", disabled=False)
configure(app_version="1.0", consent="stored", disabled=True)
configure(app_version="1.0", consent="yes")  # error: arg-type, reportArgumentType

outcome: Outcome = emit_model_kit_action(
    invoked_from="Interactive",
    action_name="build",
    device="npu",
    ep=None,
    duration_ms=12,
    success=True,
)
emit_model_kit_heartbeat()
emit_model_kit_error(
    exception_type="ValueError",
    exception_message="no",
    exception_stack=[{"file": "a.py", "line": 1, "function": "<module>"}],
)
emit_model_kit_error(exception_type="E", exception_message="no", exception_stack=())

try:
    configure(app_version="1.0")
except ValueError as caught:
    told: Outcome = emit_model_kit_error_from(caught, client=CATALOGUE.client)
emit_model_kit_error_from(ValueError)  # error: arg-type, reportArgumentType
emit_model_kit_error_from(None)  # error: arg-type, reportArgumentType
emit_model_kit_error_from(ValueError(), exception_type="E")  # error: call-arg, reportCallIssue
emit_model_kit_error_from()  # error: call-arg, reportCallIssue
emit_model_kit_action(release="10", invoked_from="Script", action_name="a", device=None, ep=None, duration_ms=1, success=True)  # error: call-arg, reportCallIssue
emit_model_kit_action(invoked_from="Script", action_name="a", device=None, ep=None, success=True)  # error: call-arg, reportCallIssue
emit_model_kit_action(invoked_from="Robot", action_name="a", device=None, ep=None, duration_ms=1, success=True)  # error: arg-type, reportArgumentType
emit_model_kit_action(invoked_from="Script", action_name=None, device=None, ep=None, duration_ms=1, success=True)  # error: arg-type, reportArgumentType
emit_model_kit_action(invoked_from="Script", action_name="a", device=None, ep=None, duration_ms="1", success=True)  # error: arg-type, reportArgumentType
emit_model_kit_action("Script", action_name="a", device=None, ep=None, duration_ms=1, success=True)  # error: call-arg, reportCallIssue
emit_model_kit_heartbeat(release="10")  # error: call-arg, reportCallIssue
emit_model_kit_error(exception_type="E", exception_message="no", exception_stack=[{"file": "a.py", "line": 1}])  # error: typeddict-item, reportArgumentType
emit_model_kit_error(exception_type="E", exception_message="no", exception_stack=[{"file": "a.py", "line": 1, "function": "f", "locals": {}}])  # error: typeddict-unknown-key, reportArgumentType
