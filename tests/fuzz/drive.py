"""One target under libFuzzer, in an environment that has atheris; `run.py` starts it.

usage: python tests/fuzz/drive.py TARGET FOLDER SCRATCH [libFuzzer's own arguments]

What a check raises is written down by the place that it comes from, the shortest input of each, and
the search goes on: one defect does not hide the next. Only a hang or a crash of the interpreter
ends it, and libFuzzer writes that input down.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import sys
import time
import traceback
from pathlib import Path
from random import Random

import atheris

sys.path.insert(0, str(Path(__file__).parent))

PACKAGES = ("declarant", "declarant_codegen", "declarant_collector")
#: Seconds of processor time in which each input must be done; a thousandth is usual.
MOST_SECONDS = 20
#: How often the bytes are changed blindly, and not by somebody who knows what they mean.
BLIND = 0.15


def load_all() -> None:
    """Import every module, late ones too: what is imported afterwards reports no coverage."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            # What starts when it is imported, and what needs another distribution.
            if not module.name.endswith("__main__") and module.name != "declarant.otel":
                importlib.import_module(module.name)


def place_of(error: BaseException) -> str:
    """Return where an error comes from: its type, and the last line that is ours."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [it for it in frames if "declarant" in it.filename or "fuzzing" in it.filename]
    last = (ours or frames)[-1]
    return f"{type(error).__name__} at {last.filename}:{last.lineno} in {last.name}"


class Found:
    """The inputs that went wrong, one a place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lengths: dict[str, int] = {}

    def note(self, data: bytes, place: str, words: str) -> None:
        """Keep an input, unless a shorter one went wrong at the same place."""
        if len(data) >= self._lengths.get(place, len(data) + 1):
            return
        is_new = place not in self._lengths
        self._lengths[place] = len(data)
        name = hashlib.sha256(place.encode()).hexdigest()[:12]
        (self._folder / name).write_bytes(data)
        (self._folder / f"{name}.txt").write_text(f"{place}\n\n{words}", "utf-8", "replace")
        if is_new:
            print(f"FOUND {self._folder / name}: {place}", file=sys.stderr, flush=True)


def main() -> None:
    """Search until libFuzzer's time is over."""
    name, folder, scratch, *own = sys.argv[1:]
    with atheris.instrument_imports(include=list(PACKAGES)):
        load_all()
        from fuzzing.targets import TARGETS
    target = TARGETS[name]
    found = Found(Path(folder) / "found")

    def check(data: bytes) -> None:
        begun = time.process_time()
        try:
            target.check(data, Path(scratch))
        except Exception as error:  # noqa: BLE001  whatever it is, the search goes on
            found.note(data, place_of(error), traceback.format_exc())
        if time.process_time() - begun > MOST_SECONDS:
            found.note(data, "slow", f"more than {MOST_SECONDS} s of processor time")

    def change(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() >= BLIND:
            made = target.change(random, data)
            if len(made) <= most:
                return made
        return atheris.Mutate(data, most)

    seeds = Path(folder) / "seeds"
    for number, data in enumerate(target.seeds()):
        (seeds / str(number)).write_bytes(data)
    arguments = [f"-max_len={target.most_bytes}", "-len_control=0", *own]
    corpus = [str(Path(folder) / "corpus"), str(seeds)]
    atheris.Setup([sys.argv[0], *arguments, *corpus], check, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
