"""Which mutants a sample takes: those of a function whose number leaves R when divided by N."""

from __future__ import annotations

import argparse
import re

#: A sample of everything.
ALL = (0, 1)


def endings(rest: int, step: int) -> list[str]:
    """Return patterns of the numbers that leave *rest* when divided by *step*, which divides 100.

    Patterns are all that the tool takes before the names are known.
    """
    ends = range(rest, 100, step)
    return [*map(str, ends), *(f"[1-9]*{end:02}" for end in ends)] if step > 1 else ["*"]


def sample(text: str) -> tuple[int, int]:
    """Read what ``--sample`` is given, such as ``3/5``.

    Raises:
        argparse.ArgumentTypeError: It is no sample that patterns can say.
    """
    match = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,3})", text)
    rest, step = map(int, match.groups()) if match else ALL
    if match is None or rest >= step or 100 % step:
        found = f"expected R/N, with N one of the divisors of 100 and R below it, found {text!r}"
        raise argparse.ArgumentTypeError(found)
    return rest, step
