"""What is mutated, and the fast tests that must notice: one group a run of the tool."""

from __future__ import annotations

from typing import NamedTuple


class Group(NamedTuple):
    """Some modules, the tests that are to tell each mutant of them from the original."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    #: Tests of those that start a process of ours elsewhere, where the tool cannot follow; that
    #: want one which has loaded nothing, not even the tool; that only test other tests; or that
    #: take so long that few mutants could be tried.
    without: tuple[str, ...] = ()


_SCRUB = "runtime/declarant/_scrubbing"
_COMPILER = "codegen/declarant_codegen/compiler"
_DIFF = "codegen/declarant_codegen/privacy_diff"
_REVIEW = "codegen/declarant_codegen/review"

_COMPILER_TESTS = (
    "tests/compiler/test_emission.py",
    "tests/compiler/test_official_suite.py",
    "tests/compiler/test_patterns.py",
    "tests/compiler/test_against_other_engines.py",
    "tests/compiler/test_sharing.py",
)
_BARE_IMPORT = "test_the_runtime_part_imports_nothing"

GROUPS: dict[str, Group] = {
    "scrub": Group(
        (f"{_SCRUB}/*.py", "runtime/declarant/scrub.py"),
        (
            "tests/runtime/test_scrub.py",
            "tests/runtime/test_scrub_corpus.py",
            "tests/runtime/test_scrub_exceptions.py",
            "tests/runtime/test_scrub_gaps.py",
            "tests/runtime/test_scrub_property.py",
            "tests/runtime/test_scrub_rules.py",
        ),
        ("test_importing_it_loads_no_pattern",),
    ),
    "consent": Group(
        (
            "runtime/declarant/_consent.py",
            "runtime/declarant/_consent_words.py",
            "runtime/declarant/_consent_write.py",
            "runtime/declarant/_withdrawal.py",
            "runtime/declarant/consent.py",
        ),
        (
            "tests/runtime/test_consent.py",
            "tests/runtime/test_consent_file.py",
            "tests/runtime/test_terminal.py",
        ),
        ("test_answers_are_read_without_json",),
    ),
    "gate": Group(
        ("runtime/declarant/_gate.py", "runtime/declarant/_kill_switch.py"),
        (
            "tests/runtime/test_kill_switch.py",
            "tests/runtime/test_protocol_b_silence.py",
            "tests/runtime/test_client.py",
            "tests/runtime/test_drafts.py",
        ),
    ),
    "violations": Group(
        ("runtime/declarant/_violations.py",),
        (*_COMPILER_TESTS, "tests/generated", "tests/codegen/test_encoder.py"),
        (_BARE_IMPORT,),
    ),
    "standing": Group(
        (
            f"{_REVIEW}/agreement.py",
            f"{_REVIEW}/people.py",
            f"{_REVIEW}/policies.py",
            f"{_REVIEW}/roles.py",
            f"{_REVIEW}/standing.py",
        ),
        (
            "tests/codegen/test_self_approval.py",
            "tests/review/test_people.py",
            "tests/review/test_roles.py",
            "tests/review/test_seal_findings.py",
            "tests/review/test_standing.py",
        ),
        ("test_any_history_means_what_it_plainly_means",),
    ),
    "seals": Group(
        (
            f"{_REVIEW}/accepted.py",
            f"{_REVIEW}/against.py",
            f"{_REVIEW}/authors.py",
            f"{_REVIEW}/declared.py",
            f"{_REVIEW}/differences.py",
            f"{_REVIEW}/log.py",
            f"{_REVIEW}/log_writing.py",
            f"{_REVIEW}/payloads.py",
            f"{_REVIEW}/seal_findings.py",
            f"{_REVIEW}/sealed.py",
            f"{_REVIEW}/sealing.py",
            f"{_REVIEW}/verdict.py",
            "codegen/declarant_codegen/canonical.py",
        ),
        (
            "tests/codegen/test_self_approval.py",
            "tests/privacy_diff/test_canonical.py",
            "tests/review/test_against.py",
            "tests/review/test_authors.py",
            "tests/review/test_differences.py",
            "tests/review/test_log.py",
            "tests/review/test_log_writing.py",
            "tests/review/test_page.py",
            "tests/review/test_payloads.py",
            "tests/review/test_projection_form.py",
            "tests/review/test_review_rules.py",
            "tests/review/test_rewording.py",
            "tests/review/test_seal_findings.py",
            "tests/review/test_standing.py",
            "tests/review/test_verdict.py",
        ),
        (
            "test_any_history_means_what_it_plainly_means",
            "test_a_failed_write_leaves_every_file_as_it_was",
            "test_two_runs_at_once_lose_no_approval",
        ),
    ),
    "diff": Group(
        (
            f"{_DIFF}/*.py",
            "codegen/declarant_codegen/consent_scope.py",
            "codegen/declarant_codegen/own_words.py",
            "codegen/declarant_codegen/projection.py",
        ),
        (
            "tests/codegen/test_consent_scope.py",
            "tests/privacy_diff/test_changes.py",
            "tests/privacy_diff/test_containment.py",
            "tests/privacy_diff/test_linkability_rule.py",
            "tests/privacy_diff/test_never.py",
            "tests/privacy_diff/test_own_words.py",
            "tests/privacy_diff/test_pattern_parts.py",
            "tests/privacy_diff/test_projection.py",
            "tests/privacy_diff/test_reasons.py",
            "tests/privacy_diff/test_sentences.py",
            "tests/privacy_diff/test_verdicts.py",
            "tests/review/test_policy_changes.py",
        ),
        ("test_random_pairs_reach_every_verdict",),
    ),
    "compiler": Group((f"{_COMPILER}/*.py",), _COMPILER_TESTS, (_BARE_IMPORT,)),
}
