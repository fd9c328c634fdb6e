"""A short-lived program with telemetry, as a command line is one; measured from outside.

usage: command.py SDK MODE PORT STATE TAG [OPTION=VALUE ...]

    three   heartbeat, action, error, the documented end, exit
    ready   one action, then gone without any end: import, set-up and first emit are what it costs
    next    one action, the documented end, exit: the next run of the same program
    exit    100 actions, then `os._exit` with a code that no failure has
    kill    100 actions, then SIGKILL

Imports next to nothing of its own: whatever it did would be counted as the SDK's.
"""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    name, mode, port, state, tag, *options = sys.argv[1:]
    module = __import__(f"sdk_{name}")
    sdk = module.Sdk(int(port), state, dict(word.split("=", 1) for word in options))
    if mode in ("exit", "kill"):
        for number in range(100):
            sdk.action(number, tag)
        if mode == "exit":
            os._exit(7)
        os.kill(os.getpid(), 9)
    if mode == "three":
        sdk.heartbeat()
    sdk.action(1, tag)
    if mode == "ready":
        os._exit(0)
    if mode == "three":
        sdk.error(tag)
    # What the program itself did is done here; all that follows is telemetry's.
    with open(os.path.join(state, "done"), "w", encoding="ascii") as file:
        file.write(str(time.monotonic()))
    sdk.end()


main()
