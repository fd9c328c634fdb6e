"""What a change of the catalogue means for privacy, for callers and for readers of stored data.

Pure: two catalogues (or their projections) in, classified changes out. Only what is proven is
neutral, narrowing or compatible; the rest is widening and breaking.
"""

from declarant_codegen.privacy_diff.changes import (
    Change,
    Compatibility,
    Judgement,
    Privacy,
    Verdict,
)
from declarant_codegen.privacy_diff.comparison import diff, diff_projections
from declarant_codegen.privacy_diff.containment import Containment, compare, is_subset
from declarant_codegen.privacy_diff.report import (
    render_text,
    summary,
    to_json,
    words_json,
)

__all__ = [
    "Change",
    "Compatibility",
    "Containment",
    "Judgement",
    "Privacy",
    "Verdict",
    "compare",
    "diff",
    "diff_projections",
    "is_subset",
    "render_text",
    "summary",
    "to_json",
    "words_json",
]
