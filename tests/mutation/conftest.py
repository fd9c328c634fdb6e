"""The mutation run is no package: its lists are imported from its own folder."""

from __future__ import annotations

import sys
from pathlib import Path

# Last: nothing in there may stand in for what a test imports.
sys.path.append(str(Path(__file__).parent))
