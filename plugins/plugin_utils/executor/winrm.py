# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversation with a station's WinRM service ([MS-WSMV]): shells, commands, input, output, and what is known when
it breaks off. Knows pywinrm's Protocol and nothing of Ansible's options. No message of it repeats what was sent.
"""

from __future__ import annotations

import base64
import math
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import requests
import xmltodict
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from winrm.exceptions import AuthenticationError, WinRMOperationTimeoutError, WinRMTransportError, WSManFaultError

from .windows_failures import Broken, NothingSent, ShellGone, TimedOut, WrongCredentials

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
CHUNK = 80 * 1024  # bytes in one Send: an envelope holds 153,600 bytes, base64 and encryption included
FRESH = 20.0  # seconds after which a kept connection may have been closed by the station, just as we send
GIVE_UP = 15.0  # seconds for a command to end after it was told to
CRUMB, GATHER = 4096, 0.015  # after an answer of fewer bytes, the station is given so many seconds to print more

# [MS-WSMV] and winerror.h: faults after which it is certain that the station did not start the command.
SHELL_NOT_FOUND = 2150858843
QUOTAS = {2150859173, 2150859174}  # too many operations, by the user or in the shell
NEVER_STARTED = {2, 3, 5, 87, 193, 206, 267, SHELL_NOT_FOUND, *QUOTAS}
SAYS = {
    2: "the program was not found",
    3: "the folder was not found",
    5: "access was denied",
    193: "it is no program for this Windows",
    267: "the folder's name is not valid",
    SHELL_NOT_FOUND: "the station does not know the shell any more",
}

Left = Callable[[], float]  # seconds until time is up


class Conversation:
    """One kept shell, and others for commands with variables or a folder of their own.

    protocol: a pywinrm Protocol. before_each: called before each message. codepage: of the programs' output.
    """

    def __init__(self, protocol: Any, before_each: Callable[[], None], codepage: int) -> None:
        self.protocol, self._before_each, self.codepage = protocol, before_each, codepage
        self._operation_timeout = protocol.operation_timeout_sec
        self._kept: str | None = None
        self._used = 0.0

    def close(self) -> None:
        if self._kept:
            self._close_shell(self._kept)
        self._kept = None
        self.protocol.transport.close_session()

    def run(
        self,
        line: str,
        stdin: bytes | None,
        environment: Mapping[str, str],
        folder: str | None,
        through_cmd: bool,
        deadline: Callable[[bytearray], float],
        into: Any = None,
    ) -> tuple[int, bytes, bytes]:
        """(exit code as a signed 32-bit number, standard output, error output).

        stdin: None leaves the program's input open and empty, b"" closes it. deadline: called with the output so far,
        gives the seconds since the start at which time is up. into: takes the standard output as it comes (`extend`).
        """
        shell, command = self._start(line, dict(environment), folder, through_cmd)
        try:
            return self._finish(shell, command, stdin, deadline, into)
        finally:
            if shell != self._kept:
                self._close_shell(shell)

    def _finish(
        self, shell: str, command: str, stdin: bytes | None, deadline: Callable[[bytearray], float], into: Any
    ) -> tuple[int, bytes, bytes]:
        began, kept, err = time.monotonic(), bytearray(), bytearray()
        out = kept if into is None else into

        def left() -> float:
            return deadline(kept) - (time.monotonic() - began)

        try:
            self._feed(shell, command, stdin, left)
            code = self._drain(shell, command, left, out, err)
        except Broken as failure:
            raise type(failure)(str(failure), bytes(kept), bytes(err)) from None
        drained = code is None and self._interrupted(shell, command, out, err)
        self._end_command(shell, command)
        if code is None:
            raise TimedOut("its time was over; it was told to end", bytes(kept), bytes(err), drained)
        return code, bytes(kept), bytes(err)

    # Shells and commands

    def _start(self, line: str, environment: dict[str, str], folder: str | None, through_cmd: bool) -> tuple[str, str]:
        """(shell, command). Begins anew once after a refusal that is certain to have come before the command began."""
        own = bool(environment) or folder is not None
        if time.monotonic() - self._used > FRESH:
            self.protocol.transport.close_session()  # a connection closed under our feet would leave us in doubt
        for last_try in (False, True):
            kept_before = None if own else self._kept
            shell = kept_before or self._open_shell(environment, folder)
            if not own:
                self._kept = shell
            try:
                return shell, self._command(shell, line, through_cmd)
            except NothingSent:
                self._forget_shell(shell)
                if last_try or kept_before is None:
                    raise
        raise AssertionError("not reached")

    def _forget_shell(self, shell: str) -> None:
        self.protocol.transport.close_session()
        self._close_shell(shell)
        if shell == self._kept:
            self._kept = None

    def _open_shell(self, environment: dict[str, str], folder: str | None) -> str:
        try:
            self._before_each()
            shell = self.protocol.open_shell(
                codepage=self.codepage, env_vars=environment or None, working_directory=folder
            )
        except Exception as error:  # whatever it was: no command was sent yet
            _nothing_sent(error)
        self._used = time.monotonic()
        return str(shell)

    def _close_shell(self, shell: str) -> None:
        """Its end is asked for; if that fails, the station ends it by itself after its idle time."""
        try:
            self._before_each()
            self.protocol.close_shell(shell, close_session=False)
        except Exception:
            pass  # the outcome of the command is known already

    def _command(self, shell: str, line: str, through_cmd: bool) -> str:
        program, words = (line, ()) if through_cmd else split_program(line)
        try:
            self._before_each()
            command = self.protocol.run_command(
                shell, program, words, console_mode_stdin=False, skip_cmd_shell=not through_cmd
            )
        except Exception as error:  # whatever is not known for certain is unknown
            if certainly_not_started(error):
                _nothing_sent(error)
            raise Broken(f"the connection broke as the command was handed over ({_name(error)})") from None
        self._used = time.monotonic()
        return str(command)

    def _interrupted(self, shell: str, command: str, out: Any, err: bytearray) -> bool:
        """Tells a command to end as Ctrl-C does; True when it did, and all that it printed has arrived. After terminate
        the station would know nothing of it any more."""
        until = time.monotonic() + GIVE_UP
        try:
            self._before_each()
            envelope = self.protocol.build_wsman_header(f"{SHELL}/Signal", f"{SHELL}/cmd", shell)
            envelope["env:Body"] = {"rsp:Signal": {"@CommandId": command, "rsp:Code": f"{SHELL}/signal/ctrl_c"}}
            self.protocol.send_message(xmltodict.unparse({"env:Envelope": envelope}))
            return self._drain(shell, command, lambda: until - time.monotonic(), out, err) is not None
        except Exception:
            return False

    def _end_command(self, shell: str, command: str) -> None:
        """Tells a command to end if it has not, and the station that nothing more is wanted of it."""
        try:
            self._before_each()
            self.protocol.cleanup_command(shell, command)
        except Exception:
            pass  # its outcome is known already, or will be said to be unknown

    # Input and output

    def _feed(self, shell: str, command: str, stdin: bytes | None, left: Left) -> None:
        """Sends the input. A program may end before it has read everything; its output then says what came of it."""
        if stdin is None:
            return
        for start in range(0, max(len(stdin), 1), CHUNK):
            if left() <= 0:
                return
            try:
                last = start + CHUNK >= len(stdin)
                self._before_each()
                self.protocol.send_command_input(shell, command, stdin[start : start + CHUNK], end=last)
            except WSManFaultError as fault:
                if fault.wsman_fault_code == SHELL_NOT_FOUND:
                    raise ShellGone("the station lost the shell while it was given the input") from None
                return
            except Exception as error:
                raise Broken(f"the connection broke while the input was sent ({_name(error)})") from None

    def _drain(self, shell: str, command: str, left: Left, out: Any, err: bytearray) -> int | None:
        """Collects the output until the program has ended; its exit code, or None when time is up."""
        while (seconds := left()) > 0:
            self.protocol.operation_timeout_sec = max(1, min(self._operation_timeout, math.ceil(seconds)))
            try:
                came, done, code = self._receive(shell, command, out, err)
            except WinRMOperationTimeoutError:
                continue
            except WSManFaultError as fault:
                gone = fault.wsman_fault_code == SHELL_NOT_FOUND
                raise (ShellGone if gone else Broken)(f"the station {_fault(fault)} while the command ran") from None
            except Exception as error:
                raise Broken(f"the connection broke while the command ran ({_name(error)})") from None
            finally:
                self.protocol.operation_timeout_sec = self._operation_timeout
            self._used = time.monotonic()
            if done and code is None:
                raise Broken("the station says that the command has ended, but with no exit code")
            if done:
                return code
            if came < CRUMB:
                time.sleep(GATHER)
        return None

    def _receive(self, shell: str, command: str, out: Any, err: bytearray) -> tuple[int, bool, int | None]:
        """One Receive; (bytes that came, the command has ended, its exit code). pywinrm's own reads no exit code as -1."""
        envelope = self.protocol.build_wsman_header(f"{SHELL}/Receive", f"{SHELL}/cmd", shell)
        envelope["env:Body"] = {"rsp:Receive": {"rsp:DesiredStream": {"@CommandId": command, "#text": "stdout stderr"}}}
        self._before_each()
        answer = ET.fromstring(self.protocol.send_message(xmltodict.unparse({"env:Envelope": envelope})))
        came = 0
        for part in answer.iter(f"{{{SHELL}}}Stream"):
            data = base64.b64decode(part.text or "")
            (out if part.get("Name") == "stdout" else err).extend(data)
            came += len(data)
        state = next(answer.iter(f"{{{SHELL}}}CommandState"), None)
        if state is None or not state.get("State", "").endswith("/Done"):
            return came, False, None
        code = (state.findtext(f"{{{SHELL}}}ExitCode") or "").strip()
        return came, True, signed(int(code)) if code.lstrip("-").isdigit() else None


def split_program(line: str) -> tuple[str, tuple[str, ...]]:
    """The program and the rest of a line for WINRS_SKIP_CMD_SHELL: the service is given them apart."""
    if line.startswith('"'):
        program, _, rest = line[1:].partition('"')
        return f'"{program}"', (rest.lstrip(" "),) if rest else ()
    program, _, rest = line.partition(" ")
    return program, (rest,) if rest else ()


def signed(code: int) -> int:
    """A Windows exit code as a signed 32-bit number, as %ERRORLEVEL% shows it."""
    code &= 0xFFFFFFFF
    return code - (1 << 32) if code >= 1 << 31 else code


# What a failure means


def certainly_not_started(error: Exception) -> bool:
    """Whether a failed Command request is known to have started nothing."""
    if isinstance(error, WSManFaultError):
        return _number(error) in NEVER_STARTED or error.wmierror_code in QUOTAS
    if isinstance(error, WinRMTransportError):
        return 400 <= error.code < 500  # refused by the HTTP service, or not decrypted
    if isinstance(error, AuthenticationError):
        return True
    return any(isinstance(each, (NewConnectionError, ConnectTimeoutError)) for each in _chain(error))


def _nothing_sent(error: Exception) -> NoReturn:
    if isinstance(error, AuthenticationError):
        raise WrongCredentials("the station refused the log-on: wrong password, locked or unknown account") from None
    if isinstance(error, WSManFaultError):
        raise NothingSent(f"the station {_fault(error)}") from None
    if isinstance(error, WinRMTransportError):
        raise NothingSent(f"the station answered with HTTP status {error.code}") from None
    if isinstance(error, requests.exceptions.SSLError):
        raise NothingSent("no TLS connection: certificate not trusted, or no common TLS version") from None
    raise NothingSent(f"the station could not be reached ({_name(error)})") from None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception with the reasons that requests and urllib3 wrap in it."""
    while error is not None:
        yield error
        inner = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        error = inner if isinstance(inner, BaseException) else None


def _fault(fault: Any) -> str:
    """A fault by its number: the station's own sentence may repeat what was sent."""
    code = _number(fault)
    return f"answered with fault {code}" + (f": {SAYS[code]}" if code in SAYS else "")


def _number(fault: Any) -> int | None:
    """The fault's code; a Windows error number is passed on as an HRESULT, 0x8007 before it."""
    code: int | None = fault.wsman_fault_code or fault.wmierror_code
    return code & 0xFFFF if code is not None and code >> 16 == 0x8007 else code


def _name(error: BaseException) -> str:
    """The innermost reason's class: its text may hold what was sent."""
    return type(list(_chain(error))[-1]).__name__
