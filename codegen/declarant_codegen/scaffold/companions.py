"""The files beside a catalogue: for git, editors, commits and those who must approve.

Owns their content. Each is what the project's own documentation asks for; the one that names
people, whom nobody here knows, is a suggestion in comments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ATTRIBUTES", "ATTRIBUTES_FILE", "companions"]

ATTRIBUTES_FILE = ".gitattributes"

ATTRIBUTES = """\
# Digests do not mind line endings; diffs do.
schemas/** text eol=lf
# A log of approvals is a chain; merged line by line it is broken. Git keeps one whole file: approve
# anew on top of it.
schemas/reviews/*.json -merge
# Two generations merged line by line are neither: git keeps one whole file and calls it a conflict,
# and `declarant generate` mends it. What a privacy reviewer reads is not folded away.
generated/** text eol=lf -merge linguist-generated
generated/PRIVACY.md linguist-generated=false
generated/NOTICE.txt linguist-generated=false
generated/README-telemetry.md linguist-generated=false
"""
"""Lines for `ATTRIBUTES_FILE`, which are added to those that are there."""

_OWNERS = """\
# A suggestion: put teams in the place of those below and take the marks away. The last line that
# matches a path counts, and the branch must require a code owner's review. An approval in
# schemas/reviews can show that it was altered, but not who wrote it: that a reviewer really did is
# what this proves. So that folder needs owners who do not write the events.
#
# /schemas/                 @your-org/telemetry-owners
# /schemas/catalogue.json   @your-org/privacy-reviewers
# /schemas/ext/             @your-org/privacy-reviewers
# /schemas/reviews/         @your-org/privacy-reviewers
# /generated/PRIVACY.md     @your-org/privacy-reviewers
# /generated/NOTICE.txt     @your-org/privacy-reviewers
# /.github/                 @your-org/privacy-reviewers
"""

_HOOKS = """\
# For https://pre-commit.com: no commit with a finding, or with generated files that are stale.
# It needs the `declarant` that made them, on PATH.
repos:
  - repo: local
    hooks:
      - id: declarant-check
        name: declarant check
        entry: declarant check
        language: system
        always_run: true
        pass_filenames: false
        require_serial: true
"""


def companions() -> Mapping[str, str]:
    """Return path to text of every file but `ATTRIBUTES_FILE`; one that is there is left alone."""
    return {
        ".github/CODEOWNERS": _OWNERS,
        ".pre-commit-config.yaml": _HOOKS,
        ".vscode/settings.json": json_text(_editor()),
    }


def _editor() -> dict[str, object]:
    places = {
        "catalogue.json": "catalogue",
        "events/*.schema.json": "event",
        "ext/*.schema.json": "ext",
        "reviews/*.json": "review",
        "common/*.schema.json": "types",
    }
    return {
        "json.schemas": [
            {"fileMatch": [f"/schemas/{files}"], "url": f"./schemas/meta/{kind}.v1.json"}
            for files, kind in places.items()
        ],
        "[json]": {"editor.quickSuggestions": {"strings": "on"}},
        "files.readonlyInclude": {"generated/**": True, "schemas/meta/**": True},
    }
