# SPDX-License-Identifier: GPL-3.0-or-later
"""What the executor makes of what a connection to cmd.exe does: which commands share a line, what is known afterwards."""

from __future__ import annotations

import re

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import windows
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.windows import WindowsTransport, code_page
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.windows_failures import (
    Broken,
    NothingSent,
    TimedOut,
    WrongCredentials,
)


class Connection:
    """Stands for the connection plugin: keeps what it is asked, answers with what the test says.

    answers: for each run a tuple (exit code, stdout, stderr) or an exception; `echo` answers a batch as cmd.exe would.
    """

    def __init__(self, *answers):
        self.asked, self.answers, self.pages = [], list(answers), []

    def use_codepage(self, number):
        self.pages.append(number)

    def run(self, line, **how):
        self.asked.append((line, how))
        answer = self.answers.pop(0)
        if callable(answer):
            answer = answer(line)
        if isinstance(answer, Exception):
            raise answer
        return answer


def batch(*codes, cut=None):
    """The answer of cmd.exe to a batch: the exit codes of its commands; cut: how many come to an end before it breaks off."""

    def answer(line):
        nonce = re.search(r"@(\w+) \d+ b", line)[1]
        numbers = [int(number) for number in re.findall(rf"echo @{nonce} (\d+) e \^!", line)]
        out = ""
        for place, (number, code) in enumerate(zip(numbers, codes, strict=True)):
            out += f"@{nonce} {number} b\r\nout {number}\r\n"
            if cut is not None and place >= cut:
                break
            out += f"@{nonce} {number} e {code} late\r\n"
        return 0, out.encode(), b""

    return answer


def broken(kind, *codes, cut, **more):
    return lambda line: kind("it broke", batch(*codes, cut=cut)(line)[1], b"", **more)


def carrier(*answers, **more):
    return WindowsTransport(Connection(*answers), user="STATION\\impax", codec="cp850", **more)


def states(outcomes):
    return [outcome.state.value for outcome in outcomes]


PLAIN = [Command(("a",)), Command(("b",)), Command(("c",))]
MARKED = Command(("m",), expected={0, 1})  # where 1 is expected, "no such program" must not look like it


def test_commands_that_can_share_a_line_are_one_round_trip():
    transport = carrier(batch(0, -1, 3010))
    outcomes = transport.run(PLAIN)
    assert len(transport.connection.asked) == 1
    assert [(o.command, o.exit_code, o.out) for o in outcomes] == list(
        zip(PLAIN, (0, -1, 3010), ("out 0\n", "out 1\n", "out 2\n"), strict=True)
    )


def test_one_command_needs_no_markers_unless_it_may_end_with_1():
    transport = carrier((0, b"out", b""), batch(9009))
    outcomes = [*transport.run(PLAIN[:1]), *transport.run([MARKED])]
    assert transport.connection.asked[0][0] == '<nul "a"'
    assert [outcome.exit_code for outcome in outcomes] == [0, 9009] and not outcomes[1].as_expected


def test_a_command_with_input_runs_alone_and_in_its_turn():
    transport = carrier(batch(0), (5, b"x", b"y"), batch(0, 0))
    outcomes = transport.run([MARKED, Command(("f",), stdin="é\n"), PLAIN[1], PLAIN[2]])
    line, how = transport.connection.asked[1]
    assert (line, how["stdin"], how["through_cmd"], how["environment"]) == ('@"f"', b"\x82\r\n", True, {})
    assert [outcome.exit_code for outcome in outcomes] == [0, 5, 0, 0]


def test_a_command_alone_without_input_has_an_empty_one_that_nobody_has_to_send():
    transport = carrier((0, b"", b""))
    transport.run([Command(("f",), environment={"A": "b"}, folder="C:\\x", timeout=5)])
    line, how = transport.connection.asked[0]
    assert line == '<nul "f"' and how["stdin"] is None
    assert (how["environment"], how["folder"], how["timeout"]) == ({"A": "b"}, "C:\\x", 15.0)


@pytest.mark.parametrize("failure", [NothingSent("port closed"), WrongCredentials("refused")])
def test_what_was_never_sent_has_not_begun(failure):
    for commands in (PLAIN, [Command(("f",), stdin="x")]):
        outcomes = carrier(failure).run(commands)
        assert set(states(outcomes)) == {"not begun"} and outcomes[0].why == str(failure)


def test_a_broken_connection_leaves_known_what_had_ended_and_nothing_else():
    outcomes = carrier(broken(Broken, 0, 0, 0, cut=1)).run(PLAIN)
    assert states(outcomes) == ["ended", "unknown", "unknown"]
    assert (outcomes[1].stdout, outcomes[1].why) == (b"out 1\r\n", "it broke")


def test_after_an_unknown_outcome_nothing_more_is_sent():
    transport = carrier(broken(Broken, 0, 0, cut=1))
    outcomes = transport.run([*PLAIN[:2], Command(("f",), stdin="x"), PLAIN[2]])
    assert states(outcomes) == ["ended", "unknown", "not begun", "not begun"]
    assert len(transport.connection.asked) == 1


def test_after_time_is_up_a_command_that_never_began_is_known_to_have_not():
    outcomes = carrier(broken(TimedOut, 0, 0, 0, cut=1, drained=True)).run(PLAIN)
    assert states(outcomes) == ["ended", "unknown", "not begun"]


def test_after_time_is_up_without_an_end_nothing_is_certain():
    outcomes = carrier(broken(TimedOut, 0, 0, 0, cut=1, drained=False)).run(PLAIN)
    assert states(outcomes) == ["ended", "unknown", "unknown"]


@pytest.mark.parametrize("kind", [Broken, TimedOut])
def test_a_command_alone_that_broke_is_unknown(kind):
    (outcome,) = carrier(kind("it broke", b"so far", b"")).run([Command(("f",), stdin="x")])
    assert (outcome.state, outcome.exit_code, outcome.stdout) == (State.UNKNOWN, None, b"so far")


@pytest.mark.parametrize("printed", [b"", b"The command prompt has been disabled by your administrator.\r\n"])
def test_a_line_that_printed_no_marker_has_run_nothing(printed):
    outcomes = carrier((0, printed, b"")).run(PLAIN)
    assert states(outcomes) == ["not begun"] * 3


def test_an_exit_code_that_was_read_early_is_none():
    def early(line):
        code, out, err = batch(0, 0, 0)(line)
        return code, out.replace(b" late", b" "), err

    outcomes = carrier(early).run(PLAIN)
    assert states(outcomes) == ["unknown"] * 3


def test_another_account_than_the_log_ons_is_refused():
    transport = carrier((0, b"", b""))
    outcomes = transport.run([Command(("a",), user="oracle"), Command(("b",), user="IMPAX")])
    assert states(outcomes) == ["not begun", "ended"] and "oracle" in outcomes[0].why


def test_an_unknown_log_on_is_asked_for():
    transport = WindowsTransport(Connection((0, b"station\\oracle\r\n", b""), (0, b"", b"")))
    assert states(transport.run([Command(("a",), user="oracle")])) == ["ended"]


PROBE = [(0, b"ComSpec=C:\\windows\\system32\\cmd.exe\r\n", b"")]
FOUND = (0, b"C:\\tools\\f.exe\r\n", b"")


def test_a_word_that_cmd_would_take_goes_without_cmd():
    transport = carrier(*PROBE, (0, b"^^\r\n", b""), FOUND, (0, b"", b""), FOUND, (0, b"", b""))
    transport.run([Command(("f", "%OS%")), Command(("f", "50%"))])
    asked = transport.connection.asked
    assert (asked[3][0], asked[3][1]["through_cmd"], asked[3][1]["stdin"]) == ("C:\\tools\\f.exe %OS%", False, b"")
    assert asked[5][0] == "C:\\tools\\f.exe 50%" and len(asked) == 6


def test_where_the_station_cannot_do_without_cmd_such_a_word_is_refused():
    transport = carrier(*PROBE, (0, b"^\r\n", b""))
    (outcome,) = transport.run([Command(("f", "%OS%"))])
    assert outcome.state is State.NOT_BEGUN and "%" in outcome.why and len(transport.connection.asked) == 2


def test_a_program_that_is_not_on_the_path_is_not_guessed():
    (outcome,) = carrier(*PROBE, (0, b"^^\r\n", b""), (0, b"\r\n", b"")).run([Command(("f", "%OS%"))])
    assert outcome.state is State.NOT_BEGUN and "path" in outcome.why


def test_what_cannot_be_sent_is_refused_and_the_rest_goes_on():
    outcomes = carrier((0, b"", b"")).run(
        [Command(("dir", "%x"), builtin=True), Command(("f",), stdin="日"), Command(("b",))]
    )
    assert states(outcomes) == ["not begun", "not begun", "ended"]


def test_input_outside_the_code_page_is_refused():
    (outcome,) = carrier().run([Command(("f",), stdin="日")])
    assert outcome.state is State.NOT_BEGUN and "cp850" in outcome.why


@pytest.mark.parametrize(("codec", "page"), [("cp850", 850), ("CP1252", 1252), ("utf-8", 65001), ("437", 437)])
def test_the_code_page_of_a_codec(codec, page):
    assert code_page(codec) == page
    connection = Connection()
    WindowsTransport(connection, codec=codec)
    assert connection.pages == [page]


def test_a_codec_that_is_no_code_page_is_said():
    with pytest.raises(ValueError, match="impax_codec"):
        code_page("koi8-r")


def test_each_command_of_a_batch_has_its_own_time(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(windows.time, "monotonic", lambda: now[0])
    pace = windows._Pace([Command(("a",), timeout=60), Command(("b",), timeout=5)], "n0")
    first = b"@n0 0 b\r\nx"
    assert pace(first) == 60 + windows.SETTLING
    now[0] = 130.0
    assert pace(first + b"@n0 0 e 0 late\r\n@n0 1 b\r\n") == 30 + 5 + windows.SETTLING
    now[0] = 133.0
    assert pace(first + b"@n0 0 e 0 late\r\n@n0 1 b\r\n") == 30 + 5 + windows.SETTLING
