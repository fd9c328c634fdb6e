"""Where a product's offline store lies for the current user."""

from __future__ import annotations

import os
import sys


def store_folder(product: str) -> str:
    """Return the folder of *product*'s offline store (not created here).

    The place is `platformdirs.user_state_dir(product)` plus "telemetry". On Linux the same rule is
    spelled out here, because importing platformdirs costs more than the rest of a start
    (docs/decisions/0002-import-budget.md); a test holds the two equal.

    Returns:
        An absolute path, or "" for a user who has no home: there is no place for a store then.
    """
    if sys.platform.startswith("linux") and "ANDROID_DATA" not in os.environ:
        base = os.environ.get("XDG_STATE_HOME", "").strip()
        if not os.path.isabs(base):
            base = os.path.expanduser("~/.local/state")
        folder = os.path.join(base, product, "telemetry")
    else:
        # Late on purpose: 10 to 20 ms, see above.
        import platformdirs

        folder = os.path.join(platformdirs.user_state_dir(product, appauthor=False), "telemetry")
    return folder if os.path.isabs(folder) else ""
