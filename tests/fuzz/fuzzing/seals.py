"""Logs of approvals: read, judged, and shown."""

from __future__ import annotations

import contextlib
import json
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from declarant_codegen import load_catalogue
from declarant_codegen.canonical import NotCanonicalError, canonical_digest
from declarant_codegen.review.declared import subjects_of
from declarant_codegen.review.log import log_name, read_logs
from fuzzing import archives, bases, edits, uses

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from declarant_codegen.model import Catalogue

_DAY = "2026-11-26"
#: What comes of sealing something that lacks a log's members.
_NO_LOG = (ValueError, TypeError, KeyError, AttributeError, NotCanonicalError, RecursionError)


@lru_cache(maxsize=1)
def _catalogue(folder: Path) -> Catalogue:
    """Return the catalogue that the logs are about, which lies in *folder* from now on."""
    loaded = load_catalogue(archives.lay(folder, {**bases.META, **bases.small()})).catalogue
    assert loaded is not None
    return loaded


def _approved(catalogue: Catalogue) -> dict[str, bytes]:
    """Return a log of each subject, with an approval by one of two roles."""
    return {
        f"reviews/{log_name(subject.name)}": json.dumps(
            resealed(
                {
                    "$schema": "../meta/review.v1.json",
                    "subject": subject.name,
                    "approvals": [
                        {
                            "previous": None,
                            "by": "Reviewer",
                            "role": role,
                            "date": _DAY,
                            "reference": "X-1",
                            "needed": [],
                            "self_approved": False,
                            "approved": ["all of it"],
                            "wording": subject.words,
                            "sha256": "",
                            "projection": subject.projection,
                            "seal": "",
                        }
                        for role in ("reviewer", "counsel")
                    ],
                }
            )
        ).encode()
        for subject in subjects_of(catalogue)
    }


def resealed(value: Any) -> Any:
    """Return a log with every digest in it right, as far as it has the members for that."""
    previous = None
    for approval in value["approvals"]:
        approval["previous"] = previous
        approval["sha256"] = canonical_digest(approval["projection"])
        sealed = {key: it for key, it in approval.items() if key not in ("projection", "seal")}
        previous = approval["seal"] = canonical_digest(sealed)
    return value


def seeds() -> Iterable[bytes]:
    """Return logs that approve all of the small catalogue, together and each alone."""
    with tempfile.TemporaryDirectory() as folder:
        logs = _approved(_catalogue(Path(folder) / "schemas"))
    _catalogue.cache_clear()
    yield archives.joined(logs)
    for name, data in logs.items():
        yield archives.joined({name: data})


def change(random: Random, data: bytes) -> bytes:
    """Change a log, and mostly make its digests right again."""
    files = archives.parted(data)
    if not files:
        return next(iter(seeds()))
    name = random.choice(list(files))
    for _ in range(random.choice([1, 1, 2, 3])):
        files[name] = edits.changed(random, files[name])
    if random.random() < 0.8:
        with contextlib.suppress(*_NO_LOG):
            files[name] = json.dumps(resealed(json.loads(files[name]))).encode()
    return archives.joined(files)


def check(data: bytes, scratch: Path) -> None:
    """Hold that whatever stands in logs is a finding or approves what it says."""
    schemas = scratch / "sealed" / "schemas"
    catalogue = _catalogue(schemas)
    files = archives.parted(data)
    archives.lay(
        schemas / "reviews", {k.partition("/")[2]: it for k, it in files.items() if "/" in k}
    )
    logs = read_logs(schemas)
    for log in logs.by_subject.values():
        for approval in log.approvals:
            assert approval.digest == canonical_digest(approval.projection)
    uses.review(schemas, catalogue, with_payloads=False)
