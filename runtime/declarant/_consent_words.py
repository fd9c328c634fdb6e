"""What each state of each signal of consent means, in words for the user.

Kept apart from `_consent`, which every start imports.
"""

from __future__ import annotations

#: Signal and state to a sentence's beginning; `Signal.detail` fills the braces.
WORDS = {
    ("source", "set"): "telemetry is switched off in the product's source",
    ("source", "unset"): "telemetry is not switched off in the product's source",
    ("flag", "set"): "telemetry is switched off for this run",
    ("flag", "unset"): "telemetry is not switched off for this run",
    ("variable", "off"): "{} says off",
    ("variable", "unknown"): "{} says neither on nor off, which counts as off",
    ("variable", "set"): "{} is set",
    ("variable", "unset"): "{} does not say off",
    ("do_not_track", "set"): "DO_NOT_TRACK is set",
    ("do_not_track", "unset"): "DO_NOT_TRACK is not set",
    ("policy", "missing"): "this machine has no policy",
    ("policy", "unreadable"): "the policy in {} cannot be read, which counts as off",
    ("policy", "open"): "the policy in {} leaves it to the user",
    ("policy", "off"): "the policy in {} says off",
    ("program", "granted"): "the program vouches for the user's consent",
    ("program", "denied"): "the program says off",
    ("program", "stored"): "the program goes by the user's answer",
    ("program", "ask"): "the program goes by the user's answer, and asks for it",
    ("answer", "granted"): "the user said yes (version {})",
    ("answer", "denied"): "the user said no",
    ("answer", "older"): "the user said yes to version {}, and version {} covers more",
    ("answer", "none"): "the user has not answered yet",
    ("answer", "corrupt"): "the file of the user's answer cannot be understood",
    ("answer", "unreachable"): "the file of the user's answer cannot be read",
    ("ci", "set"): "{} says that this is continuous integration",
    ("ci", "unset"): "this is not continuous integration",
    ("ci", "ignored"): "the program decides in continuous integration as well",
}
