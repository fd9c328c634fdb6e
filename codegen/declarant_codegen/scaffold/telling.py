"""What ``declarant init`` says when it is done.

Owns the words on what was written and on what to do next.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from declarant_codegen.names import snake_case
from declarant_codegen.scaffold.answers import LOCAL_ENDPOINT, LOCAL_PORT
from declarant_codegen.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant_codegen.scaffold.answers import Answers
    from declarant_codegen.scaffold.placing import Placed

__all__ = ["next_steps", "what_was_placed"]

_KEY = "0123456789abcdef0123456789abcdef-00000000-0000-0000-0000-000000000000-0000"
"""A key of the right form that is nobody's: a local collector takes any."""


def what_was_placed(placed: Placed) -> Iterator[str]:
    """Yield what was written, and what was not."""
    counts = {
        folder: sum(path.startswith(f"{folder}/") for path in placed.written)
        for folder in ("schemas", "generated")
    }
    beside = [path for path in placed.written if not path.startswith(("schemas/", "generated/"))]
    yield f"schemas: {counted(counts['schemas'], 'file')}, the catalogue; this is what you edit"
    made = counted(counts["generated"], "file")
    yield f"generated: {made}, made from it; `declarant generate` makes them"
    for path in beside:
        yield f"{path}: written"
    for path in placed.added_to:
        yield f"{path}: lines added"
    for path, text in placed.kept.items():
        yield f"{path}: left alone, as something is there already; it could hold:"
        yield ""
        yield from (f"    {line}".rstrip() for line in text.splitlines())
        yield ""


def next_steps(folder: Path, answers: Answers) -> Iterator[str]:
    """Yield what to do next: every command can be typed as it stands, but for words in capitals."""
    role = shlex.quote(answers.approver)
    yield ""
    yield f'Everything is approved by "{answers.approver}", as whoever made it; nobody else has'
    yield "reviewed it. The privacy page and every page of a review say so."
    yield ""
    yield "1. See an event arrive. Start a collector on this machine:"
    yield ""
    if folder.resolve() != Path.cwd():
        yield f"       cd {shlex.quote(str(folder))}"
    yield f"       declarant collector --port {LOCAL_PORT} --schemas schemas"
    yield ""
    yield "   and send an event from another terminal, in the same folder:"
    yield ""
    yield "       cd generated"
    emitter = f"emit_{snake_case(answers.event)}"
    values = "started_by='person', startup_ms=120, is_first_start=True"
    yield (
        f'       python -c "import {answers.package} as e; '
        f"e.configure(app_version='0.1.0', consent='granted', ikey='{_KEY}', "
        # A first start on a slow machine may take longer than a program's users are kept waiting.
        f"endpoint='{LOCAL_ENDPOINT}', exit_budget_s=30); "
        f'print(e.{emitter}({values}))"'
    )
    yield ""
    yield f"2. Declare what your product sends: edit schemas/{answers.event_file}, add files"
    yield "   beside it. What may be sent then is reviewed, approved and generated:"
    yield ""
    yield "       declarant check"
    yield "       declarant review"
    yield f"       declarant approve --all --by NAME --role {role} --reference WHERE"
    yield "       declarant generate"
    yield ""
    yield from _end_of_self_approval(answers, role)


def _end_of_self_approval(answers: Answers, role: str) -> Iterator[str]:
    yield "3. Before anybody else runs it, let somebody else approve. In schemas/catalogue.json"
    if answers.approver == answers.owner:
        yield '   write "self_approval": false, and under "approvers" a role that owns no event.'
        yield "   The old one approves that rule, for the last time, and the new one all there is:"
        yield ""
        yield f"       declarant approve catalogue --by NAME --role {role} --reference WHERE"
        role = "NEW-ROLE"
    else:
        yield '   write "self_approval": false. Then all there is waits for somebody who did not'
        yield "   make it:"
        yield ""
    yield f"       declarant approve --all --by NAME --role {role} --reference WHERE"
    yield "       declarant generate"
