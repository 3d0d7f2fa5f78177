# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversation with a WinRM service: what each failure means, by where it came."""

from __future__ import annotations

import base64
import contextlib

import pytest
import requests
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import winrm
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.windows_failures import (
    Broken,
    NothingSent,
    ShellGone,
    TimedOut,
    WrongCredentials,
)
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ProtocolError, ReadTimeoutError
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WinRMTransportError, WSManFaultError

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
REFUSED = requests.ConnectionError(MaxRetryError(None, "/wsman", NewConnectionError(None, "refused")))
SLOW_CONNECT = requests.ConnectTimeout(MaxRetryError(None, "/wsman", ConnectTimeoutError(None, "slow")))
CUT = requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset by peer")))
SILENT = requests.ReadTimeout(ReadTimeoutError(None, "/wsman", "read timed out"))
TLS = requests.exceptions.SSLError("certificate verify failed")
REJECTED = InvalidCredentialsError("rejected")


def fault(code=None, wmi=None):
    return WSManFaultError(500, "m", "r", "CANARY repeated by the station", wsman_fault_code=code, wmierror_code=wmi)


def received(stdout=b"", stderr=b"", code=None, done=True, state=True):
    streams = "".join(
        f'<r:Stream Name="{name}">{base64.b64encode(data).decode()}</r:Stream>'
        for name, data in (("stdout", stdout), ("stderr", stderr))
    )
    exit_code = "" if code is None else f"<r:ExitCode>{code}</r:ExitCode>"
    ended = f'<r:CommandState State="{SHELL}/CommandState/{"Done" if done else "Running"}">{exit_code}</r:CommandState>'
    return f'<x xmlns:r="{SHELL}">{streams}{ended if state else ""}</x>'


class Transport:
    session, closed = None, 0

    def close_session(self):
        self.closed += 1


class Protocol:
    """pywinrm's, as far as it is used; `tell` maps a method to what its calls return or raise, in turn."""

    operation_timeout_sec = 20

    def __init__(self, **tell):
        self.tell, self.calls, self.transport = tell, [], Transport()

    def build_wsman_header(self, action, resource_uri, shell_id=None):
        return {"env:Header": {"a:Action": action}}

    def send_message(self, message):
        return self._answer("signal" if "/Signal" in message else "receive", received(code=0), message)

    def open_shell(self, **how):
        return self._answer("open_shell", f"shell {len([1 for call in self.calls if call[0] == 'open_shell'])}", how)

    def run_command(self, shell, program, words, **how):
        return self._answer("run_command", "command", (shell, program, words, how))

    def send_command_input(self, shell, command, data, end):
        return self._answer("send", None, (len(data), end))

    def cleanup_command(self, shell, command):
        return self._answer("cleanup", None, shell)

    def close_shell(self, shell, close_session):
        return self._answer("close_shell", None, shell)

    def _answer(self, name, otherwise, what):
        self.calls.append((name, what))
        answers = self.tell.get(name, [])
        answer = answers.pop(0) if answers else otherwise
        if isinstance(answer, Exception):
            raise answer
        return answer

    def named(self, name):
        return [what for called, what in self.calls if called == name]


def run(protocol, stdin=None, environment=None, timeout=60.0, conversation=None, **how):
    conversation = conversation or winrm.Conversation(protocol, lambda: None, 850)
    return conversation.run(
        "prog a b", stdin, environment or {}, None, how.pop("through_cmd", True), lambda _out: timeout, **how
    )


def test_output_and_exit_code_are_put_together():
    protocol = Protocol(
        receive=[
            received(b"a", b"x", done=False),
            WinRMOperationTimeoutError(),
            received(b"b\xff", b"y", code=4294967295),
        ]
    )
    assert run(protocol) == (-1, b"ab\xff", b"xy")
    assert protocol.named("open_shell") == [{"codepage": 850, "env_vars": None, "working_directory": None}]
    assert len(protocol.named("cleanup")) == 1 and protocol.named("close_shell") == []


@pytest.mark.parametrize(
    "failure",
    [
        REFUSED,
        SLOW_CONNECT,
        CUT,
        SILENT,
        TLS,
        fault(5),
        WinRMTransportError("http", 503, "x"),
        KeyError("www-authenticate"),
    ],
)
def test_a_shell_that_could_not_be_opened_means_that_nothing_ran(failure):
    protocol = Protocol(open_shell=[failure])
    with pytest.raises(NothingSent):
        run(protocol)
    assert protocol.named("run_command") == []


@pytest.mark.parametrize("where", ["open_shell", "run_command"])
def test_a_refused_log_on_is_not_tried_again(where):
    protocol = Protocol(**{where: [REJECTED]})
    with pytest.raises(WrongCredentials):
        run(protocol)
    assert len(protocol.named(where)) == 1


@pytest.mark.parametrize(
    "failure", [REFUSED, SLOW_CONNECT, fault(2147942402), fault(5), WinRMTransportError("http", 400, "")]
)
def test_a_command_that_was_certainly_not_begun(failure):
    with pytest.raises(NothingSent):
        run(Protocol(run_command=[failure]))


@pytest.mark.parametrize(
    "failure",
    [
        CUT,
        SILENT,
        TLS,
        WinRMOperationTimeoutError(),
        fault(1359),
        fault(None),
        WinRMTransportError("http", 500, ""),
        ValueError("?"),
    ],
)
def test_a_command_that_may_have_begun_is_never_sent_again(failure):
    protocol = Protocol(run_command=[failure])
    with pytest.raises(Broken):
        run(protocol)
    assert len(protocol.named("run_command")) == 1


@pytest.mark.parametrize(
    "failure",
    [fault(2150858843), fault(2150859174), fault(1, 2150859174), WinRMTransportError("http", 400, ""), REFUSED],
)
def test_a_kept_shell_that_is_gone_is_opened_anew_once(failure):
    protocol = Protocol()
    conversation = winrm.Conversation(protocol, lambda: None, 850)
    run(protocol, conversation=conversation)
    protocol.tell["run_command"] = [failure]
    assert run(protocol, conversation=conversation)[0] == 0
    assert [call[0] for call in protocol.named("run_command")] == ["shell 0", "shell 0", "shell 1"]
    protocol.tell["run_command"] = [failure, failure]
    with pytest.raises(NothingSent):
        run(protocol, conversation=conversation)


@pytest.mark.parametrize("failure", [CUT, SILENT, ValueError("?"), WinRMTransportError("http", 401, "")])
def test_a_connection_that_breaks_while_the_command_runs_keeps_what_had_come(failure):
    with pytest.raises(Broken) as caught:
        run(Protocol(receive=[received(b"so far", done=False), failure]))
    assert caught.value.stdout == b"so far"


def test_a_shell_that_goes_while_the_command_runs():
    with pytest.raises(ShellGone):
        run(Protocol(receive=[fault(2150858843)]))


def test_an_end_without_an_exit_code_is_not_an_exit_code():
    with pytest.raises(Broken, match="no exit code"):
        run(Protocol(receive=[received(b"x", done=True, code=None)]))


def test_an_answer_without_a_state_is_no_end():
    assert run(Protocol(receive=[received(b"x", state=False), received(b"y", code=7)])) == (7, b"xy", b"")


def test_input_goes_in_pieces_that_an_envelope_can_hold():
    protocol = Protocol()
    run(protocol, stdin=b"x" * 200_000)
    assert protocol.named("send") == [(81920, False), (81920, False), (36160, True)]
    run(protocol := Protocol(), stdin=b"")
    assert protocol.named("send") == [(0, True)]
    run(protocol := Protocol(), stdin=None)
    assert protocol.named("send") == []


def test_a_program_that_ends_before_it_has_read_everything_has_its_own_exit_code():
    protocol = Protocol(send=[None, fault(109)], receive=[received(b"enough", code=3)])
    assert run(protocol, stdin=b"x" * 200_000) == (3, b"enough", b"")


@pytest.mark.parametrize("failure", [CUT, WinRMOperationTimeoutError()])
def test_input_that_may_not_have_arrived_is_not_sent_again(failure):
    protocol = Protocol(send=[None, failure])
    with pytest.raises(Broken):
        run(protocol, stdin=b"x" * 200_000)
    assert len(protocol.named("send")) == 2


@pytest.mark.parametrize(("answer", "drained"), [(received(b" end", code=-1), True), (CUT, False)])
def test_when_time_is_up_it_is_interrupted_then_ended(answer, drained):
    protocol = Protocol(receive=[answer])
    with pytest.raises(TimedOut) as caught:
        run(protocol, timeout=0)
    assert caught.value.drained is drained
    assert [name for name, _ in protocol.calls] == ["open_shell", "run_command", "signal", "receive", "cleanup"]


def test_variables_have_a_shell_of_their_own_which_is_closed_in_all_cases():
    for tell in ({}, {"receive": [CUT]}, {"run_command": [fault(2)]}):
        protocol = Protocol(**tell)
        with contextlib.suppress(Broken, NothingSent):
            run(protocol, environment={"A": "b"})
        assert protocol.named("open_shell")[0]["env_vars"] == {"A": "b"}
        assert protocol.named("close_shell") == ["shell 0"]


def test_a_connection_that_lay_idle_is_closed_before_a_command_is_trusted_to_it(monkeypatch):
    protocol = Protocol()
    conversation = winrm.Conversation(protocol, lambda: None, 850)
    run(protocol, conversation=conversation)
    before = protocol.transport.closed
    run(protocol, conversation=conversation)
    assert protocol.transport.closed == before
    conversation._used -= winrm.FRESH + 1
    run(protocol, conversation=conversation)
    assert protocol.transport.closed == before + 1


@pytest.mark.parametrize(("line", "parts"), [
    ("C:\\x.exe a b", ("C:\\x.exe", ("a b",))),
    ('"C:\\a b\\x.exe" c  d', ('"C:\\a b\\x.exe"', ("c  d",))), ("x", ("x", ())), ('"x y"', ('"x y"', ())),
])  # fmt: skip
def test_a_program_without_cmd_is_told_apart_from_its_words(line, parts):
    assert winrm.split_program(line) == parts


def test_output_can_go_elsewhere_as_it_comes():
    class Sink(list):
        def extend(self, data):
            self.append(bytes(data))

    sink = Sink()
    assert run(Protocol(receive=[received(b"a", done=False), received(b"b", code=0)]), into=sink) == (0, b"", b"")
    assert [part for part in sink if part] == [b"a", b"b"]


@pytest.mark.parametrize("where", ["open_shell", "run_command", "send", "receive"])
def test_no_failure_repeats_what_was_sent(where):
    for failure in (fault(2), fault(99), ValueError("CANARY"), requests.ConnectionError("CANARY")):
        with pytest.raises((NothingSent, Broken)) as caught:
            run(Protocol(**{where: [failure]}, **({"receive": [CUT]} if where == "send" else {})), stdin=b"x")
        assert (
            "CANARY" not in str(caught.value) and caught.value.__cause__ is None and caught.value.__suppress_context__
        )
