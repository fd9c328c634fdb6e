"""Consent: whether events may be stored and sent, and which signal decided that.

`resolve` looks at every signal and answers with all of them. Any signal that says "off" wins, in
whatever order they come; what remains is the program's own word or the user's stored answer, and
without either nothing is stored and nothing is sent. No variable ever grants consent
(docs/decisions/0007-consent.md).

`ask` puts the question, `grant` and `withdraw` keep an answer.
"""

from __future__ import annotations

from declarant._consent import Resolution, Signal, resolve
from declarant._limits import ANSWER_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from declarant._catalogue import Catalogue

__all__ = ["Resolution", "Signal", "ask", "grant", "resolve", "withdraw"]


def ask(
    catalogue: Catalogue,
    *,
    store_folder: str | os.PathLike[str] | None = None,
    seconds: float = ANSWER_S,
) -> bool | None:
    """Ask the user, if that is possible here, and keep the answer.

    It is not while standard input or standard error is no terminal, while input is waiting that was
    typed before the question, or where the answer could not be kept. Whether the question is open
    at all is for `resolve` to say.

    Args:
        catalogue: Of the generated package, whose notice is shown.
        store_folder: What a no empties; the platform's place if None.
        seconds: How long to wait for an answer.

    Returns:
        True or False as the user answered and it was kept; None if the question stays open.
    """
    # Late on purpose: most runs ask nobody.
    from declarant._asking import ask as put_question

    return put_question(catalogue, store_folder, seconds)


def grant(catalogue: Catalogue) -> None:
    """Keep a yes, to the notice of this generated package.

    For a command by which the user agrees. A client that is off goes on with its next set-up.

    Raises:
        StoreError: The answer could not be kept.
    """
    from declarant._withdrawal import keep_yes

    keep_yes(catalogue)


def withdraw(catalogue: Catalogue, *, store_folder: str | os.PathLike[str] | None = None) -> int:
    """Keep a no, and delete every event that waits and the device id, at once.

    Args:
        catalogue: Of the generated package.
        store_folder: The offline store; the platform's place if None.

    Returns:
        How many events were deleted.

    Raises:
        StoreError: The answer could not be kept, or something could not be deleted; the rest is
            done all the same.
    """
    from declarant._withdrawal import keep_no

    return keep_no(catalogue, store_folder)
