"""No time-out of a busy machine: what deaths and answers do is asked, not how long they take.

A request that a clock cuts may have been accepted, and comes again: nothing but a death or a fault
that was chosen may do so in an account.
"""

from __future__ import annotations

from declarant import _deadline, _onecollector, _thread

#: Only what never comes takes so many seconds.
PATIENCE_S = 200
#: Of a pass: longer than any lasts, for its end cuts a request as well.
PASS_S = 1e6


def be_patient() -> None:
    """Have this process wait for every answer, and end no pass for want of time."""
    _onecollector.CONNECT_TIMEOUT_S = PATIENCE_S
    _onecollector.READ_TIMEOUT_S = _deadline.READ_TIMEOUT_S = PATIENCE_S
    _thread._PASS_S = PASS_S
