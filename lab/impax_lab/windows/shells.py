# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote shells as the WinRM service keeps them: created, used and forgotten, and the answer to each request."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from impax_lab.windows import wsman
from impax_lab.windows.hosts import Command, Filter, Host, Hosts, NotStarted
from impax_lab.windows.texts import NOT_RECOGNIZED

LONGEST_LINE = 8191  # of cmd.exe
LONGEST_PROCESS_LINE = 32767  # of CreateProcess
RECEIVE_BYTES = 96000  # base64 makes it a third more, and clients take envelopes of 153,600
COMSPEC = r"C:\windows\system32\cmd.exe"
SWEEP_SECONDS = 0.5
IDLE_SECONDS = 180.0  # assumed: IdleTimeout of WinRM 2.0 is 180,000 ms
RESET = b"\1\0\0\0\0\0\0\0"  # struct linger: on, 0 s


@dataclass
class Shell:
    """One remote shell of `user`. `touched`: when it last did something (monotonic seconds)."""

    user: str
    host: Host
    folder: str
    idle: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    commands: dict[str, Command | None] = field(default_factory=dict)
    touched: float = field(default_factory=time.monotonic)
    connections: set[socket.socket] = field(default_factory=set)

    def busy(self) -> bool:
        return any(command and command.running for command in self.commands.values())


class Shells:
    """The shells of one endpoint.

    environment(user) -> the variables of that user's shells. filters(line, user, folder) -> what the output of a line
    for cmd.exe passes. most: MaxShellsPerUser of the service.
    """

    def __init__(
        self,
        hosts: Hosts,
        environment: Callable[[str], dict[str, str]],
        filters: Callable[[str, str, str], dict[str, Filter]],
        *,
        machine: str,
        most: int = 5,
    ) -> None:
        self.hosts, self.environment, self.filters, self.machine, self.most = hosts, environment, filters, machine, most
        self.open: dict[str, Shell] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        threading.Thread(target=self._sweep, name="idle shells", daemon=True).start()
        self._verbs = {
            "Delete": self._delete,
            "Command": self._command,
            "Send": self._send,
            "Receive": self._receive,
            "Signal": self._signal,
        }

    def answer(self, message: bytes, user: str, connection: socket.socket) -> tuple[int, bytes]:
        """(HTTP status, response) to one message of `user` that came by `connection`."""
        relates_to = ""
        try:
            request = wsman.parse(message)
            relates_to = request.message_id
            return 200, wsman.envelope(*self._act(request, user, connection), relates_to)
        except wsman.Fault as problem:
            return 500, wsman.fault(problem, self.machine, relates_to)

    def cut(self, command: str, everything: bool) -> None:
        """Cut the connections of the shell that runs `command`; everything: the shell and its commands end too."""
        for shell in list(self.open.values()):
            if command in shell.commands:
                if everything:
                    self._drop(shell)
                for connection in list(shell.connections):
                    reset(connection)
                shell.connections.clear()

    def forget(self, connection: socket.socket) -> None:
        for shell in list(self.open.values()):
            shell.connections.discard(connection)

    def close(self) -> None:
        self._over.set()
        for shell in list(self.open.values()):
            self._drop(shell)

    def _act(self, request: wsman.Request, user: str, connection: socket.socket) -> tuple[str, str]:
        if request.verb == "Identify":
            return "", _identity()
        if request.verb not in {"Create", *self._verbs}:
            raise wsman.Fault(2150858765, "a:ActionNotSupported", f"The action {request.action} is not supported.")
        if request.resource and request.resource != wsman.CMD:
            raise wsman.Fault(2150858752, "w:InvalidResourceURI", f"No such resource: {request.resource}")
        if request.verb == "Create":
            return self._create(request, user)
        shell = self.open.get((request.shell or "").upper())
        if shell is None:
            raise wsman.shell_not_found(request.shell)
        if shell.user.lower() != user.lower():
            raise wsman.access_denied()
        shell.touched = time.monotonic()
        shell.connections.add(connection)
        try:
            return self._verbs[request.verb](request, shell)
        finally:
            shell.touched = time.monotonic()

    def _create(self, request: wsman.Request, user: str) -> tuple[str, str]:
        with self._lock:
            if sum(shell.user.lower() == user.lower() for shell in self.open.values()) >= self.most:
                raise wsman.quota_exceeded(self.most)
            asked = request.body.iterfind(".//rsp:Variable", wsman.NS)
            environment = {**self.environment(user), **{v.get("Name", ""): v.text or "" for v in asked}}
            codepage = int(request.options.get("WINRS_CODEPAGE") or 437)
            host = self.hosts.open(codepage, environment)
            folder = request.text("WorkingDirectory", environment.get("USERPROFILE", "C:\\"))
            idle = wsman.duration(request.text("IdleTimeOut") or request.text("IdleTimeout"), IDLE_SECONDS)
            shell = Shell(user, host, folder, idle)
            self.open[shell.id] = shell
        return f"{wsman.TRANSFER}/CreateResponse", _created(shell)

    def _delete(self, request: wsman.Request, shell: Shell) -> tuple[str, str]:
        self._drop(shell)
        return f"{wsman.TRANSFER}/DeleteResponse", ""

    def _command(self, request: wsman.Request, shell: Shell) -> tuple[str, str]:
        words = [
            request.text("Command"),
            *(node.text or "" for node in request.body.iterfind(".//rsp:Arguments", wsman.NS)),
        ]
        line = " ".join(word for word in words if word)
        identity = str(uuid.uuid4()).upper()
        if request.flag("WINRS_SKIP_CMD_SHELL"):
            shell.commands[identity] = self._start(shell, line, identity)
        elif len(f'{COMSPEC} /C "{line}"') > LONGEST_LINE:
            shell.commands[identity] = None  # seen on real stations: nothing runs, nothing is printed, exit code 0
        else:
            filters = self.filters(line, shell.user, shell.folder)
            command = self._start(shell, f'{COMSPEC} /s /c "{line}"', identity, filters)
            command.cmd = True
            shell.commands[identity] = command
        body = f"<rsp:CommandResponse><rsp:CommandId>{identity}</rsp:CommandId></rsp:CommandResponse>"
        return f"{wsman.SHELL}/CommandResponse", body

    def _start(self, shell: Shell, line: str, identity: str, filters: dict[str, Filter] | None = None) -> Command:
        if len(line) > LONGEST_PROCESS_LINE:
            raise wsman.win32(206)
        try:
            return shell.host.run(line, shell.folder, identity, filters)
        except NotStarted as problem:
            raise wsman.win32(problem.code) from problem

    def _send(self, request: wsman.Request, shell: Shell) -> tuple[str, str]:
        command = _command_of(request, shell)
        for stream in request.body.iterfind(".//rsp:Stream", wsman.NS):
            data = base64.b64decode(stream.text or "")
            if command:
                command.feed(data, stream.get("End", "").lower() in ("true", "1"))
        return f"{wsman.SHELL}/SendResponse", "<rsp:SendResponse/>"

    def _signal(self, request: wsman.Request, shell: Shell) -> tuple[str, str]:
        """Terminate ends a command and forgets it; ctrl_c and ctrl_break only end it."""
        command = _command_of(request, shell)
        if command and command.running:
            command.terminate()
        if request.text("Code").endswith("/terminate"):
            shell.commands.pop(request.command_id() or "")
        return f"{wsman.SHELL}/SignalResponse", "<rsp:SignalResponse/>"

    def _receive(self, request: wsman.Request, shell: Shell) -> tuple[str, str]:
        command = _command_of(request, shell)
        if command is None:
            return f"{wsman.SHELL}/ReceiveResponse", _received(request.command_id(), [], 0)
        got = command.output(request.timeout, RECEIVE_BYTES)
        if got is None:
            raise wsman.timed_out()
        chunks, done = got
        return f"{wsman.SHELL}/ReceiveResponse", _received(
            request.command_id(), chunks, _exit_code(command) if done else None
        )

    def _drop(self, shell: Shell) -> None:
        self.open.pop(shell.id, None)
        self.hosts.close(shell.host)

    def _sweep(self) -> None:
        while not self._over.wait(SWEEP_SECONDS):
            self._forget_idle()

    def _forget_idle(self) -> None:
        for shell in list(self.open.values()):
            if not shell.busy() and time.monotonic() - shell.touched > shell.idle:
                self._drop(shell)


def _command_of(request: wsman.Request, shell: Shell) -> Command | None:
    """The command a request is about; None for one that never ran because its line was too long."""
    identity = (request.command_id() or "").upper()
    if identity not in shell.commands:
        raise wsman.command_not_found()
    return shell.commands[identity]


def reset(connection: socket.socket) -> None:
    """End a TCP connection as a pulled cable and a restarted service do: no answer, a reset."""
    with contextlib.suppress(OSError):  # it had ended already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.shutdown(socket.SHUT_RDWR)


def _exit_code(command: Command) -> int | None:
    """`cmd /c` ends with 1 where ERRORLEVEL is 9009 (assumed); Wine's ends with 9009."""
    return 1 if command.cmd and command.exit_code == NOT_RECOGNIZED else command.exit_code


def _identity() -> str:
    """assumed: the product version of WinRM 1.1 on Windows Server 2008."""
    return (
        f'<i:IdentifyResponse xmlns:i="{wsman.IDENTIFY}"><i:ProtocolVersion>'
        "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</i:ProtocolVersion><i:ProductVendor>Microsoft Corporation"
        "</i:ProductVendor><i:ProductVersion>OS: 0.0.0 SP: 0.0 Stack: 1.1</i:ProductVersion></i:IdentifyResponse>"
    )


def _created(shell: Shell) -> str:
    return (
        f'<x:ResourceCreated xmlns:x="{wsman.TRANSFER}"><a:Address/><a:ReferenceParameters>'
        f'<w:ResourceURI>{wsman.CMD}</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">{shell.id}</w:Selector>'
        f"</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"
        f"<rsp:Shell><rsp:ShellId>{shell.id}</rsp:ShellId><rsp:ResourceUri>{wsman.CMD}</rsp:ResourceUri>"
        f"<rsp:Owner>{escape(shell.user)}</rsp:Owner><rsp:InputStreams>stdin</rsp:InputStreams>"
        f"<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
    )


def _received(command: str | None, chunks: Iterable[tuple[str, bytes]], exit_code: int | None) -> str:
    """exit_code: unsigned, None while it runs; the message has it signed."""
    streams = "".join(
        f'<rsp:Stream Name="{name}" CommandId="{command}">{base64.b64encode(data).decode()}</rsp:Stream>'
        for name, data in chunks
    )
    if exit_code is None:
        state = f'<rsp:CommandState CommandId="{command}" State="{wsman.SHELL}/CommandState/Running"/>'
    else:
        signed = exit_code - (1 << 32) if exit_code >= 1 << 31 else exit_code
        streams += "".join(
            f'<rsp:Stream Name="{name}" CommandId="{command}" End="true"></rsp:Stream>' for name in ("stdout", "stderr")
        )
        state = (
            f'<rsp:CommandState CommandId="{command}" State="{wsman.SHELL}/CommandState/Done">'
            f"<rsp:ExitCode>{signed}</rsp:ExitCode></rsp:CommandState>"
        )
    return f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>"
