"""When users must be asked again: ModelKit's own catalogue, changed as its history changed it."""

from __future__ import annotations

import datetime
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from declarant_codegen import consent_scope, load_catalogue
from declarant_codegen.consent_scope import ConsentComparison, ConsentVerdict
from declarant_codegen.replacements import OVERLAP_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant_codegen.model import Catalogue

DAY = "2026-11-26"
SCHEMAS = Path(__file__).parents[2] / "schemas"
ACTION = "events/model_kit_action.schema.json"
ERROR = "events/model_kit_error.schema.json"
HEARTBEAT = "events/model_kit_heartbeat.schema.json"
MODEL_ID = {
    "description": "The model's public name.",
    "type": "string",
    "pattern": "^[a-z0-9-]{1,64}$",
    "x-class": "middle",
    "x-notice": "target",
}


def compare_consent(before: Catalogue, after: Catalogue) -> ConsentComparison:
    """Compare what two catalogues ask consent for, as on one day."""
    return consent_scope.compare_consent(before, after, day=DAY)


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Catalogue]:
    """Load ModelKit's catalogue after changing the JSON of some of its files in place."""
    count = 0

    def load(*changes: tuple[str, Callable[[Any], object]]) -> Catalogue:
        nonlocal count
        count += 1
        schemas = tmp_path / str(count) / "schemas"
        shutil.copytree(SCHEMAS, schemas)
        for name, change in changes:
            value = json.loads((schemas / name).read_text("utf-8"))
            change(value)
            (schemas / name).write_text(json.dumps(value), "utf-8")
        result = load_catalogue(schemas)
        assert result.catalogue is not None, "\n".join(map(str, result.findings))
        return result.catalogue

    return load


def version(number: int) -> tuple[str, Callable[[Any], object]]:
    return "catalogue.json", lambda value: value["consent"].update(version=number)


def add_model_id(event: Any) -> None:
    event["properties"]["model_id"] = MODEL_ID


def test_nothing_changed_fits(changed: Callable[..., Catalogue]) -> None:
    """The same catalogue twice has no change at all."""
    comparison = compare_consent(changed(), changed())

    assert comparison.changes == ()
    assert comparison.verdict is ConsentVerdict.FITS


def test_a_new_value_needs_a_new_version(changed: Callable[..., Catalogue]) -> None:
    """A value more under the notice: the version must rise, and then it fits."""
    before = changed()

    same = compare_consent(before, changed((ACTION, add_model_id)))
    risen = compare_consent(before, changed((ACTION, add_model_id), version(2)))

    assert [str(change) for change in same.widened] == [
        "ModelKitAction.model_id: newly sent, under the line target"
    ]
    assert same.verdict is ConsentVerdict.MUST_RISE
    assert risen.verdict is ConsentVerdict.FITS


def test_a_dropped_value_needs_none(changed: Callable[..., Catalogue]) -> None:
    """Less is collected: a new version is needless."""

    def drop(event: Any) -> None:
        del event["properties"]["success"]
        event["required"].remove("success")

    same = compare_consent(changed(), changed((ACTION, drop)))
    risen = compare_consent(changed(), changed((ACTION, drop), version(2)))

    assert [str(change) for change in same.changes] == ["ModelKitAction.success: no longer sent"]
    assert same.verdict is ConsentVerdict.FITS
    assert risen.verdict is ConsentVerdict.NEED_NOT_RISE


def test_words_ask_nobody_again(changed: Callable[..., Catalogue]) -> None:
    """A new product name and new sentences leave the scope as it is."""

    def reword(value: Any) -> None:
        value["display_name"] = "Model Works"
        lines = value["consent"]["notice"]
        lines.update({key: f"Reworded {key}." for key in lines})
        value["consent"]["never"][0]["line"] = "Paths of files."

    comparison = compare_consent(changed(), changed(("catalogue.json", reword)))

    assert comparison.changes == ()
    assert comparison.verdict is ConsentVerdict.FITS


def test_a_version_never_falls(changed: Callable[..., Catalogue]) -> None:
    """A lower version would count an old consent for a new notice."""
    comparison = compare_consent(changed(version(3)), changed(version(2)))

    assert comparison.verdict is ConsentVerdict.FELL


def test_a_renamed_event_holds_no_more(changed: Callable[..., Catalogue], tmp_path: Path) -> None:
    """An event that takes the place of a gone one and holds the same asks nobody again."""
    before = changed()
    after = _renamed(tmp_path, before, changed, keep_old=False)

    comparison = compare_consent(before, after)

    assert {change.place for change in comparison.changes} == {
        "ModelKitHeartbeat",
        "ModelKitPulse",
    }
    assert comparison.verdict is ConsentVerdict.FITS


def test_a_second_event_is_new(changed: Callable[..., Catalogue], tmp_path: Path) -> None:
    """The same values in one event more widen the scope while the old event lives on."""
    before = changed()
    after = _renamed(tmp_path, before, changed, keep_old=True)

    comparison = compare_consent(before, after)

    assert [change.place for change in comparison.widened] == ["ModelKitPulse"]
    assert comparison.verdict is ConsentVerdict.MUST_RISE


def _renamed(
    tmp_path: Path,
    before: Catalogue,
    changed: Callable[..., Catalogue],
    *,
    keep_old: bool,
    ends: str | None = None,
    **members: Any,
) -> Catalogue:
    heartbeat = next(event for event in before.events if event.name == "ModelKitHeartbeat")
    pulse = replace(heartbeat, name="ModelKitPulse", **members)
    old = [replace(heartbeat, expires=ends or heartbeat.expires)] if keep_old else []
    kept = [event for event in before.events if event is not heartbeat]
    return replace(before, events=(*kept, *old, pulse))


def _in_days(count: int) -> str:
    return str(datetime.date.fromisoformat(DAY) + datetime.timedelta(days=count))


def test_a_replacement_bounds_the_time_of_both(
    changed: Callable[..., Catalogue], tmp_path: Path
) -> None:
    """An old event that goes on for a while is none that is replaced, only one that ends soon."""
    before = changed()
    last, late = (
        _renamed(tmp_path, before, changed, keep_old=True, ends=_in_days(OVERLAP_DAYS + more))
        for more in (0, 1)
    )
    (heartbeat,) = (event for event in before.events if event.name == "ModelKitHeartbeat")
    sooner = str(datetime.date.fromisoformat(heartbeat.expires) - datetime.timedelta(days=1))
    formal = _renamed(tmp_path, before, changed, keep_old=True, ends=sooner)

    assert compare_consent(before, last).verdict is ConsentVerdict.FITS
    for after in (late, formal):
        found = compare_consent(before, after)
        assert found.verdict is ConsentVerdict.MUST_RISE
        (told,) = found.widened
        assert str(told).startswith("ModelKitPulse: a new event, sent beside ModelKitHeartbeat")


def test_to_ask_for_a_time_of_both_is_not_needless(
    changed: Callable[..., Catalogue], tmp_path: Path
) -> None:
    """So that a check says the same when the time has come nearer."""
    before = changed()
    after = _renamed(tmp_path, before, changed, keep_old=True, ends=_in_days(9))
    risen = replace(after, consent_version=2)

    assert compare_consent(before, risen).verdict is ConsentVerdict.FITS
    assert compare_consent(after, risen).verdict is ConsentVerdict.NEED_NOT_RISE


def test_a_replacement_reaches_no_more_users(
    changed: Callable[..., Catalogue], tmp_path: Path
) -> None:
    """Who keeps optional data off does not send a new event at the level required."""
    before = changed((HEARTBEAT, lambda event: event.update({"x-level": "optional"})))
    after = _renamed(tmp_path, before, changed, keep_old=False, level="required")

    assert [item.place for item in compare_consent(before, after).widened] == ["ModelKitPulse"]


def test_more_users_are_more(changed: Callable[..., Catalogue]) -> None:
    """An event at the level required is sent even for users who keep optional data off."""
    less, more = (
        changed((HEARTBEAT, lambda event, level=level: event.update({"x-level": level})))
        for level in ("optional", "required")
    )

    assert [str(item) for item in compare_consent(less, more).widened] == [
        "ModelKitHeartbeat: newly sent for users who keep optional data off"
    ]
    assert compare_consent(more, less).widened == ()
    assert len(compare_consent(more, less).changes) == 1


def test_another_endpoint_may_be_another_receiver(changed: Callable[..., Catalogue]) -> None:
    """Users may be asked again for it, and need not be: people decide."""

    def move(value: Any) -> None:
        value["endpoint"] = "https://other.example/OneCollector/1.0/"

    same = compare_consent(changed(), changed(("catalogue.json", move)))
    risen = compare_consent(changed(), changed(("catalogue.json", move), version(2)))

    assert [item.place for item in same.changes] == ["endpoint"]
    assert same.verdict is risen.verdict is ConsentVerdict.FITS


OF_PATH = [{"text": "/home/jo/models/net.onnx", "kept": "net.onnx"}]


def _set(name: str, **members: Any) -> Callable[[Any], None]:
    return lambda event: event["properties"][name].update(members)


def _other_scrubber(event: Any) -> None:
    del event["x-exception"]  # whose message has a scrubber of its own
    _set("exception_message", **{"x-scrub": "path", "x-scrub-vectors": OF_PATH})(event)


def _column(event: Any) -> None:
    del event["x-exception"]  # whose frames have fields of their own
    event["$defs"]["frame"]["properties"]["column"] = {
        "description": "The column in that line.",
        "type": "integer",
        "minimum": 0,
        "maximum": 1000,
        "x-class": "low",
    }


@pytest.mark.parametrize(
    ("file", "change", "place"),
    [
        (ACTION, _set("ep", **{"x-notice": "usage"}), "ModelKitAction.ep"),
        (ACTION, _set("success", **{"x-class": "middle"}), "ModelKitAction.success"),
        (
            ERROR,
            _other_scrubber,
            "ModelKitError.exception_message",
        ),
        (
            ERROR,
            _column,
            "ModelKitError.exception_stack[].column",
        ),
        (
            "catalogue.json",
            lambda value: value["consent"]["never"].pop(),
            "never: Credentials.",
        ),
        (
            "catalogue.json",
            lambda value: value["consent"]["never"][0]["names"].remove("file"),
            "never: File paths.",
        ),
    ],
    ids=["line", "class", "scrubber", "nested", "promise", "names"],
)
def test_each_way_of_widening_is_seen(
    changed: Callable[..., Catalogue], file: str, change: Callable[[Any], object], place: str
) -> None:
    """Another line, a higher class, another scrubber, an inner value, a promise taken back."""
    comparison = compare_consent(changed(), changed((file, change)))

    assert [item.place for item in comparison.widened] == [place]
    assert comparison.verdict is ConsentVerdict.MUST_RISE


def test_a_promise_that_excuses_more_is_weaker(changed: Callable[..., Catalogue]) -> None:
    """Text that passes one scrubber more may hold it; one scrubber fewer promises more."""
    whole = changed()
    line = whole.never[0]
    strict = replace(whole, never=(replace(line, removed_by=("message",)),))
    lax = replace(whole, never=(replace(line, removed_by=("message", "path")),))

    weaker, stronger = compare_consent(strict, lax), compare_consent(lax, strict)

    gone, come = "no longer promised as it was", "newly promised, or promised for more"
    place = f"never: {line.line}"
    told = [
        consent_scope.ScopeChange(place=place, words=come, is_widening=False),
        consent_scope.ScopeChange(place=place, words=gone, is_widening=True),
    ]
    assert (weaker.widened, weaker.changes) == ((told[1],), (told[1],))
    assert (stronger.widened, stronger.changes) == ((), (told[0],))


def test_a_slot_more_is_seen(changed: Callable[..., Catalogue]) -> None:
    """An event that carries one slot more sends more, each field of it named."""
    without = changed((HEARTBEAT, lambda event: event["x-ext"].remove("device")))

    comparison = compare_consent(without, changed())

    assert [item.place for item in comparison.widened] == [
        "ModelKitHeartbeat.ext.device.authId",
        "ModelKitHeartbeat.ext.device.deviceClass",
        "ModelKitHeartbeat.ext.device.localId",
    ]
