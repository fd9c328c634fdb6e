"""How a command tells its findings: one form for people, four for machines.

Owns where the words go. Text and annotations go to standard output as they come; a JSON or SARIF
document is alone on standard output, and all other words go to standard error. What a CI runner
reads holds text of schemas, which is hostile input: no line can be taken for a command of the
runner's but those that are meant to be one.
"""

from __future__ import annotations

# Part of every warm check, which has no time for Path objects, json or dataclasses.
# ruff: noqa: PTH100, PTH118
import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from declarant_codegen.printing import inert, say, say_error, say_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from declarant_codegen.drift import Drift
    from declarant_codegen.drift_diff import Differences
    from declarant_codegen.findings import Finding

__all__ = ["FORMATS", "Report", "make_report"]

FORMAT = 1
"""Of the JSON document; rises when a member changes its meaning or goes."""


def make_report(form: str, *, command: str, schemas: Path) -> Report:
    """Return a report of one run.

    Args:
        form: One of `FORMATS`.
        command: The command that runs, such as ``check``.
        schemas: The catalogue's folder, as it was given.
    """
    return _FORMS[form](command, schemas)


class Report:
    """Text for people; and what the other forms share.

    Attributes:
        findings: Every finding told so far; in forms for machines their paths are relative to the
            working directory.
    """

    def __init__(self, command: str, schemas: Path) -> None:
        self.command = command
        self.findings: list[Finding] = []
        self.failure: str | None = None
        self._schemas = schemas

    def show(self, findings: Iterable[Finding]) -> None:
        """Tell findings in schemas."""
        for finding in findings:
            self.findings.append(finding)
            say(str(finding))

    def drift(self, out: Path, drift: Drift, mend: str, differences: Differences) -> None:
        """Tell which generated files are not current.

        Args:
            out: The output folder.
            drift: The files and their states.
            mend: The command that mends each.
            differences: What is told of each besides.
        """
        from declarant_codegen.drift import STATES, mending

        for path, state in sorted(drift.items()):
            place = (out / path).as_posix()
            say(f"{place}: {state}: {STATES[state]}; {mending(state, mend)}")
            for line in differences.lines(path):
                self.note(line)

    def note(self, line: str) -> None:
        """Tell something that is no finding."""
        say(line)

    def failed(self, problem: str) -> None:
        """Tell in one line why the command could not run."""
        self.failure = _one_line(problem)
        say_error(f"declarant {self.command}: {self.failure}")

    def close(self) -> None:
        """Tell what is told last."""


class _ForMachines(Report):
    """What the forms for machines share: paths a CI run can open, drift as findings."""

    def show(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._tell(finding, self._place(finding.path))

    def drift(self, out: Path, drift: Drift, mend: str, differences: Differences) -> None:
        # Late: a warm check has no drift and no time for the table of rules.
        from declarant_codegen.drift import drift_findings

        for path, finding in drift_findings(out, drift, mend):
            self._tell(finding, _relative(finding.path))
            for line in differences.lines(path):
                self.note(line)

    def note(self, line: str) -> None:
        say_error(_one_line(line))

    def _tell(self, finding: Finding, path: str) -> None:
        from dataclasses import replace

        self.findings.append(replace(finding, path=path))

    def _place(self, path: str) -> str:
        """Return the place of a schema, whose path starts with its folder's own name."""
        return _relative(os.path.join(self._schemas, path.partition("/")[2]))


class _Json(_ForMachines):
    def close(self) -> None:
        from declarant import __version__

        errors = sum(finding.severity.value == "error" for finding in self.findings)
        say_json(
            {
                "format": FORMAT,
                "declarant": __version__,
                "command": self.command,
                "failure": self.failure,
                "errors": errors,
                "warnings": len(self.findings) - errors,
                "findings": [
                    {
                        "path": finding.path,
                        "line": finding.line,
                        "severity": finding.severity.value,
                        "rule": finding.rule_id,
                        "message": finding.message,
                    }
                    for finding in self.findings
                ],
            }
        )


class _Sarif(_ForMachines):
    def close(self) -> None:
        from declarant_codegen.sarif import sarif_log

        say_json(sarif_log(self.findings, failure=self.failure))


class _Annotations(_ForMachines, ABC):
    """Lines that a CI runner turns into annotations, among lines for people."""

    def note(self, line: str) -> None:
        say(_one_line(line))

    def _tell(self, finding: Finding, path: str) -> None:
        super()._tell(finding, path)
        from dataclasses import replace

        # The one command that is meant, and no other runner's behind it: a form may be asked for
        # where another's runner reads along.
        told = replace(finding, path=inert(path), message=inert(finding.message))
        print(self.annotation(told))  # noqa: T201

    @abstractmethod
    def annotation(self, finding: Finding) -> str:
        """Return the runner's line for a finding."""


class _GitHub(_Annotations):
    """Workflow commands.

    Source: the runner's ActionCommand decodes %25, %0D and %0A in a message, and %3A and %2C too
    in a property. Its log shows the message alone, so the place stands there again.
    """

    def annotation(self, finding: Finding) -> str:
        place = f"{finding.path}:{finding.line}"
        return (
            f"::{finding.severity.value} title={_github(finding.rule_id)},"
            f"file={_github(finding.path)},line={finding.line}::"
            f"{_escaped(f'{place}: {finding.rule_id}: {finding.message}', _GITHUB_DATA)}"
        )


class _Azure(_Annotations):
    """Logging commands.

    Source: azure-pipelines-task-lib's TaskCommand writes %AZP25, %0D and %0A in a message, and
    %5D and %3B too in a property; the agent decodes them. Its log shows place and code itself.
    """

    def annotation(self, finding: Finding) -> str:
        return (
            f"##vso[task.logissue type={finding.severity.value};"
            f"sourcepath={_azure(finding.path)};linenumber={finding.line};"
            f"code={_azure(finding.rule_id)};]{_escaped(finding.message, _AZURE_DATA)}"
        )


_FORMS: dict[str, type[Report]] = {
    "text": Report,
    "json": _Json,
    "sarif": _Sarif,
    "github": _GitHub,
    "azure": _Azure,
}

FORMATS = tuple(_FORMS)
"""The forms a report can have; the first is for people."""

_LINES = (("\r", "%0D"), ("\n", "%0A"))
_GITHUB_DATA = (("%", "%25"), *_LINES)
_AZURE_DATA = (("%", "%AZP25"), *_LINES)


def _github(text: str) -> str:
    return _escaped(text, (*_GITHUB_DATA, (":", "%3A"), (",", "%2C")))


def _azure(text: str) -> str:
    return _escaped(text, (*_AZURE_DATA, ("]", "%5D"), (";", "%3B")))


def _escaped(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Replace in the order given; the percent sign goes first."""
    for mark, code in pairs:
        text = text.replace(mark, code)
    return text


def _one_line(line: str) -> str:
    return line.replace("\r", "\\r").replace("\n", "\\n")


def _relative(path: str) -> str:
    """Return *path* as seen from the working directory, with slashes."""
    try:
        path = os.path.relpath(path)
    except ValueError:  # on Windows, another drive
        path = os.path.abspath(path)
    return path.replace(os.sep, "/")
