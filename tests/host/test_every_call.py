"""Whatever fails inside, wherever it fails: each of our functions raises once, at its first call.

The functions are those that a life reaches, a program's or a sender's: see `every_call`. Whichever
fails, the program's exit code and output are as ever, it waits for no more than its exit budget,
and every event of it arrived, arrives with the next sender, or is counted.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

if sys.platform == "win32":
    pytest.skip("needs fork", allow_module_level=True)

KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"
PROGRAM = Path(__file__).with_name("every_call.py")

#: Into how many tests each life is cut, how many functions it has at least, for how many seconds
#: of an exit a host may wait, and how many senders it starts there if nothing fails.
LIVES = {
    "manual": (3, 200, 0.0, 0),
    "thread": (2, 150, 100.0, 0),
    "forking": (1, 40, 100.0, 0),
    "detached": (1, 40, 0.0, 1),
    "within": (1, 25, 100.0, 0),
    "sender": (2, 150, None, 0),
}
PARTS = [(life, part, parts) for life, (parts, *_) in LIVES.items() for part in range(parts)]


def arrivals(collector):
    """Return how often each event arrived, by the name of the life whose it is."""
    lives = {
        each.number: parse_qs(urlsplit(each.target).query)["life"][0]
        for each in collector.requests()
    }
    found = defaultdict(Counter)
    for event in collector.accepted():
        sdk = json.loads(event.text)["ext"]["sdk"]
        found[lives[event.request]][sdk["epoch"], sdk["seq"]] += 1
    return found


def wrong(ran, arrived, most_s):
    """Return what is not as ever about one life."""
    lost = ran["emitted"] - ran["accepted"] - ran["dropped"] - ran["counted"]
    # Of the one request whose answer was not noted.
    copies = max(arrived.values(), default=1)
    found = {
        "exit code": ran["code"],
        "output": "" if ran["out"] == ("" if most_s is None else "done\n") else ran["out"],
        "standard error": ran["err"],
        "lost": lost,
        "waits for ever": not ran["is_complete"] or ran["waiting"],
        "counted as accepted, or not": ran["accepted"] - len(arrived),
        "sent too often": copies > 2,
    }
    if most_s is not None:
        # On the host's own thread: what nothing there waits for takes none of its time.
        found["waits at its exit"] = None in ran["waits"] or sum(ran["waits"]) > most_s
        found["waits for a thread that goes on"] = ran["waits"] and ran["left"]
        found["connects at its exit"] = ran["connects"] and most_s == 0.0
    return {what: value for what, value in found.items() if value}


@pytest.mark.once
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("life", "part", "parts"), PARTS)
def test_each_function_fails_once(tmp_path, collector, life, part, parts):
    _, least, most_s, senders = LIVES[life]
    (tmp_path / "host_keys.py").write_text(f'IKEY = "{KEY}"\n')
    (tmp_path / "python").symlink_to(shutil.which("true"))

    done = subprocess.run(
        [sys.executable, PROGRAM, tmp_path, collector.url, life, str(part), str(parts)],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    results = json.loads(done.stdout)
    arrived = arrivals(collector)
    found = [(each["target"], wrong(each, arrived[each["name"]], most_s)) for each in results]
    assert [each for each in found if each[1]] == []
    usual, *failed = results
    assert usual["starts"] == senders
    assert len(failed) >= least // parts
    # What a program looks up once, the warm process may have looked up for it.
    assert sum(each["fired"] for each in failed) > 0.9 * len(failed)
