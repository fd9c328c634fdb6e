"""What headers order, read on its own: any text at all, and the forms that servers use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant._directives import kill_order, retry_after_s, time_delta
from declarant._kill_switch import ALL
from declarant._limits import KILL_LAST_S, RETRY_AFTER_LAST_S

TOKEN = "0123456789abcdef0123456789abcdef"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"

headers = st.one_of(
    st.text(max_size=80),
    st.text("0123456789:,- +Ggmtao", max_size=40),
    st.builds("{}{}".format, st.sampled_from((TOKEN, KEY, DATE)), st.text(max_size=20)),
)


@given(st.lists(headers, max_size=3), st.lists(headers, max_size=3))
def test_no_header_raises(values, others):
    """Whatever stands in it, it is understood in bounds or not at all."""
    order = kill_order(values, others, KEY)
    wait = retry_after_s(values, "".join(others))
    delta = time_delta(values)

    assert order is None or (order.events and 0 <= order.seconds <= KILL_LAST_S)
    assert wait is None or 0 < wait <= RETRY_AFTER_LAST_S
    assert delta is None or abs(int(delta)) < 10**12


@pytest.mark.parametrize(
    "date",
    [
        "Sun, 06 Nov 1994 08:50:37 GMT",
        "Sunday, 06-Nov-94 08:50:37 GMT",
        "Sun Nov  6 08:50:37 1994",
    ],
)
def test_all_three_forms_of_a_date(date):
    """RFC 9110 has recipients read each of them."""
    assert retry_after_s([date], DATE) == 60


def test_the_longest_of_several_waits():
    """A repeated header is read as a whole."""
    assert retry_after_s(["3", "x", "20", "7"]) == 20


def test_a_date_without_the_answers_own_counts_from_our_clock():
    """It is in the past by far, so there is nothing to wait for."""
    assert retry_after_s([DATE]) is None


@pytest.mark.parametrize("value", ["a , b\r\n", "\r\na ,b"])
def test_line_breaks_around_a_list_are_trimmed(value):
    """As a JS client reads it (B29)."""
    value = value.replace("a", f"o:{TOKEN}:all")

    order = kill_order([value], ["5"], KEY)

    assert order is not None
    assert (order.events, order.seconds) == (frozenset({ALL}), 5)


def test_events_and_the_tenant_in_one_order():
    """What is named is in it, each once."""
    tokens = f"o:{TOKEN}:One, {TOKEN}:Two.three, o:{TOKEN}:One, x:{TOKEN}"

    order = kill_order([tokens], ["this-request-only"], KEY)

    assert order is not None
    assert (order.events, order.seconds) == (frozenset({"One", "Two.three"}), 0)
