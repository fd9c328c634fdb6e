"""A script rule applied to a verdict: the answer it forces and what becomes of the events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from declarant_collector import _answer
from declarant_collector._answer import Answer
from declarant_collector._judge import Outcome
from declarant_collector._rules import violation

if TYPE_CHECKING:
    from declarant_collector._judge import Judge, JudgedEvent, Verdict
    from declarant_collector._request import IngestRequest
    from declarant_collector._script import ScriptRule

__all__ = ["scripted"]


def scripted(
    rule: ScriptRule, request: IngestRequest, verdict: Verdict, *, judge: Judge
) -> Verdict:
    """Return the verdict that *rule* makes of the natural one.

    Args:
        rule: The rule chosen for the request.
        request: The request.
        verdict: What the collector would have said.
        judge: Judges again if the rule throttles.
    """
    if rule.throttle is not None:
        verdict = judge.judge(request, rule.throttles)
    answer = verdict.answer
    if rule.status is not None:
        answer = _forced(rule, answer)
    answer = answer.with_headers(*rule.headers)
    if rule.kill is not None:
        answer = answer.with_headers(*rule.kill.headers(request))
    if rule.stores:
        return replace(verdict, answer=answer)
    note = violation("SCRIPTED", "", "the fault script answered; nothing was taken")
    return replace(
        verdict,
        answer=answer,
        events=tuple(_unsettled(event) for event in verdict.events),
        violations=(note,),
    )


def _unsettled(event: JudgedEvent) -> JudgedEvent:
    return replace(event, outcome=Outcome.UNSETTLED, reason="", violations=())


def _forced(rule: ScriptRule, natural: Answer) -> Answer:
    status = rule.status if rule.status is not None else natural.status
    empty = _answer.plain(status, reason=rule.reason)
    if rule.body is None or rule.body == "":
        return empty
    if rule.body == "auto":
        if not 200 <= status < 300:
            return empty
        body = natural.body
    elif isinstance(rule.body, str):
        body = rule.body.encode("utf-8")
    else:
        body = _answer.compact(rule.body)
    typed = any(name.lower() == "content-type" for name, _ in rule.headers)
    headers = () if typed else (("Content-Type", "application/json"),)
    return Answer(status=status, reason=empty.reason, headers=headers, body=body)
