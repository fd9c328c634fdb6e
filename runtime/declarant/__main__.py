"""``python -m declarant``: the command, for when its script is not on the path."""

import sys

from declarant.cli import main

sys.exit(main())
