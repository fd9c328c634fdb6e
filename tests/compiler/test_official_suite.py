"""The official JSON-Schema-Test-Suite: each schema is taken and right, or refused for a reason."""

import importlib.util
from pathlib import Path

import pytest

from declarant_codegen.compiler import KEYWORDS

_spec = importlib.util.spec_from_file_location(
    "official_suite", Path(__file__).with_name("official_suite.py")
)
assert _spec is not None
assert _spec.loader is not None
official_suite = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(official_suite)

GROUPS = list(official_suite.groups())
FILES = sorted({group.file for group in GROUPS})

# Files that speak of nothing but keywords the compiler takes: not one group may be refused.
WHOLE_FILES = {
    "boolean_schema",
    "const",
    "default",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "optional/bignum",
    "optional/float-overflow",
    "optional/format/date",
    "optional/format/date-time",
    "optional/format/time",
    "optional/format/uuid",
    "optional/no-schema",
    "pattern",
    "propertyNames",
    "required",
    "type",
}
# In files that mix keywords: how many groups are refused, and for which keyword.
PARTLY_REFUSED = {
    "additionalProperties": {"patternProperties": 2, "allOf": 1, "dependentSchemas": 1},
    "anchor": {"remote document": 1},  # the anchor stands below an allOf
    "items": {"prefixItems": 4, "allOf": 1},
    "optional/ecmascript-regex": {"pattern": 2, "patternProperties": 5},  # \p{...}
    "optional/non-bmp-regex": {"patternProperties": 1},
    "optional/refOfUnknownKeyword": {"unknown-keyword": 2},
    "properties": {"patternProperties": 1},
    "ref": {"remote document": 4, "allOf": 2, "prefixItems": 1, "unevaluatedProperties": 1},
    "refRemote": {"anyOf": 1},
    "uniqueItems": {"prefixItems": 4},
}


def _refusals(file):
    return [
        reason
        for group in GROUPS
        if group.file == file and (reason := official_suite.refusal(group))
    ]


@pytest.mark.parametrize("file", FILES)
def test_every_schema_that_is_taken_gives_the_suites_verdicts(file):
    """Both functions agree with the suite on every instance of every schema that compiles."""
    wrong = [
        (group.description, failure)
        for group in GROUPS
        if group.file == file and official_suite.refusal(group) is None
        for failure in official_suite.failures(group)
    ]
    if file == "format":  # asserted here; in this file the suite has them as annotations only
        wrong = [item for item in wrong if official_suite.ANNOTATION_ONLY not in item[1]]
    assert wrong == []


@pytest.mark.parametrize("file", sorted(WHOLE_FILES))
def test_files_within_the_keyword_list_are_taken_whole(file):
    """No schema is refused where only supported keywords are used."""
    assert file in FILES
    assert _refusals(file) == []


@pytest.mark.parametrize("file", sorted(PARTLY_REFUSED))
def test_mixed_files_are_refused_only_for_the_listed_keywords(file):
    """A file with foreign keywords loses those groups and no others."""
    found = _refusals(file)
    assert {reason: found.count(reason) for reason in found} == PARTLY_REFUSED[file]


@pytest.mark.parametrize("file", ["allOf", "not", "patternProperties"])
def test_files_about_foreign_keywords_are_refused_whole(file):
    """A keyword that would not be enforced is never skipped in silence."""
    groups = [group for group in GROUPS if group.file == file]
    assert len(_refusals(file)) == len(groups) > 0


def test_refusals_name_keywords_outside_the_list_or_values_of_two():
    """Refusals are for foreign keywords, unknown formats, patterns, and documents not given."""
    allowed = {"format", "pattern", "remote document"}
    reasons = {reason for file in FILES for reason in _refusals(file)}
    assert (reasons & KEYWORDS) <= allowed
    assert "malformed" not in reasons


def test_the_score_is_not_lower_than_it_was():
    """The number of official tests that pass only grows."""
    taken = [group for group in GROUPS if official_suite.refusal(group) is None]
    passed = sum(len(group.tests) - len(official_suite.failures(group)) for group in taken)
    assert passed >= 740
