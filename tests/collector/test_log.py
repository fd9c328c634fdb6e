"""The live log's lines, plain and on a terminal."""

import io

from declarant_collector._log import LiveLog


class Terminal(io.StringIO):
    def isatty(self):
        return True


def lines_of(make_wire, stream, send):
    wire = make_wire(log=LiveLog(stream), clock=lambda: 0.0)
    send(wire)
    wire.collector.close()
    return stream.getvalue().splitlines()


def test_no_client_commands_a_runner_that_reads_along(make_wire):
    """In a pipeline the log's lines are read by the runner, too."""
    (line,) = lines_of(
        make_wire,
        io.StringIO(),
        lambda wire: wire.post(wire.event(name="##vso[task.setvariable variable=PATH]/x")),
    )

    assert "##vso[" not in line
    assert "#\\u0023vso[task.setvariable variable=PATH]/x" in line


def test_neighbours_of_a_culprit_point_at_it(make_wire):
    def send(wire):
        wire.post(wire.event(), wire.event(ext={"os": {"release": "11"}}))

    first, second = lines_of(make_wire, io.StringIO(), send)

    assert first == (
        "00:00:00.000 rejected  #1.0 400 ModelKitAction: refused with its batch, see event 1"
    )
    assert "#1.1 400 ModelKitAction: EXT_FIELD_UNKNOWN ext.os.release: " in second


def test_a_request_refused_as_a_whole_has_one_line(make_wire):
    (line,) = lines_of(make_wire, io.StringIO(), lambda wire: wire.post(Content_Encoding="br"))

    assert line.startswith("00:00:00.000 refused   #1 415 CODING_UNKNOWN Content-Encoding: ")


def test_a_terminal_gets_colours_and_nothing_of_the_event_can_steer_it(make_wire, monkeypatch):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    (line,) = lines_of(
        make_wire, Terminal(), lambda wire: wire.post(wire.event(name="[bold]x\x1b]0;t\x07"))
    )

    assert "\x1b[1;31mrejected" in line
    assert "[bold]x\\x1b]0;t\\x07" in line
