# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of Windows stations share: a site of two, pywinrm's Protocol as client, calls without a station."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from impax_lab import disks, faults
from impax_lab import site as sites
from impax_lab.program import HeldCall, discover
from impax_lab.state import StationFolder
from impax_lab.windows import paths
from impax_lab.windows.sql import connection
from winrm.protocol import Protocol

PASSWORD = "agfa:Lab-5561"  # a colon is no separator
STATION = {
    "type": "as300_sqlserver", "system": "windows", "release": "6.0.6002", "codec": "cp850",
    "user": "AgfaService", "password": PASSWORD,
    "users": {"Administrator": {"password": "adm-Lab-1"}, "Former": {"password": "old-Lab-1"}},
    "accounts": {"Former": "locked"}, "disks": {"C:": 20000, "D:": 8000},
    "options": {"winrm": {"max_shells": 20}},
}  # fmt: skip
SEALED = {"winrm": {"scheme": "https", "basic": False, "tls": "1.2", "max_shells": 3}}


@pytest.fixture(scope="session")
def site(lab_up, tmp_path_factory):
    stations = {"wa": STATION, "wb": {**STATION, "options": SEALED}}
    return lab_up(tmp_path_factory.mktemp("windows"), {"name": "windows", "stations": stations})


class Client:
    """A shell of a station. run(line) -> (exit code, stdout, stderr)."""

    def __init__(self, protocol: Protocol, **shell: object) -> None:
        self.protocol = protocol
        self.shell = protocol.open_shell(**shell)

    def start(self, line: str, *, direct: bool = False) -> str:
        return self.protocol.run_command(self.shell, line, skip_cmd_shell=direct, console_mode_stdin=False)

    def run(self, line: str, stdin: bytes | None = None, *, direct: bool = False) -> tuple[int, bytes, bytes]:
        command = self.start(line, direct=direct)
        for at in range(0, len(stdin or b""), 80_000):
            self.protocol.send_command_input(
                self.shell, command, stdin[at : at + 80_000], end=at + 80_000 >= len(stdin)
            )
        out, err, code = self.protocol.get_command_output(self.shell, command)
        self.protocol.cleanup_command(self.shell, command)
        return code, out, err


def _protocol(variables: dict, transport: str = "ntlm", **more: object) -> Protocol:
    url = f"{variables['ansible_winrm_scheme']}://127.0.0.1:{variables['ansible_port']}/wsman"
    options = {
        "transport": transport, "username": variables["ansible_user"], "password": variables["ansible_password"],
        "operation_timeout_sec": 20, "read_timeout_sec": 40, "proxy": None,
        "ca_trust_path": variables.get("ansible_winrm_ca_trust_path", "legacy_requests"),
    }  # fmt: skip
    return Protocol(url, **{**options, **more})


@contextmanager
def _shell(site, station: str = "wa", transport: str = "ntlm", codepage: int = 850, **more: object) -> Iterator[Client]:
    opened = {key: more.pop(key) for key in ("env_vars", "working_directory", "idle_timeout") if key in more}
    client = Client(_protocol(site.variables(station), transport, **more), codepage=codepage, **opened)
    try:
        yield client
    finally:
        client.protocol.close_shell(client.shell)


@pytest.fixture
def wa(site):
    """A shell of the station wa."""
    with _shell(site) as client:
        yield client


def _drive(site, station: str, letter: str = "c") -> Path:
    return site.root(station) / letter


def _running(site, station: str, name: str) -> list[str]:
    """The host's processes of a station with that program name."""
    prefix = f"WINEPREFIX={site.state}/stations/{station}/"
    return [pid for pid, words in _processes(prefix) if name in words]


def _processes(marker: str) -> Iterator[tuple[str, str]]:
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (place / "environ").read_bytes():
                yield place.name, (place / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue


def _gone(site, station: str, name: str) -> bool:
    until = time.monotonic() + 5
    while _running(site, station, name) and time.monotonic() < until:
        time.sleep(0.05)
    return not _running(site, station, name)


@pytest.fixture(scope="session")
def protocol():
    return _protocol


@pytest.fixture(scope="session")
def shell():
    return _shell


@pytest.fixture(scope="session")
def drive():
    return _drive


@pytest.fixture(scope="session")
def running():
    return _running


@pytest.fixture(scope="session")
def gone():
    return _gone


@pytest.fixture(scope="session")
def processes():
    return _processes


@pytest.fixture(scope="session")
def station_description():
    return STATION


@pytest.fixture(scope="session")
def new_client():
    """new_client(protocol, **shell) -> a shell of its own."""
    return Client


SPEC = {
    "system": "windows", "release": "6.0.6002", "codec": "cp850", "hostname": "as300", "user": "AgfaService",
    "sqlserver": {"version": "9.00.5000.00", "collation": "Latin1_General_CI_AS"}, "disks": {"C:": 100, "D:": 1},
}  # fmt: skip


class Station(SimpleNamespace):
    """A station without a process: its files, its disks, its memory."""

    def host_path(self, cwd: str, name: str) -> Path:
        return paths.host_path(self.folder.root, cwd, name)

    def room(self, name: str, cwd: str = "") -> int:
        return self.disks.room(self.host_path(cwd, name))


@pytest.fixture
def make(tmp_path):
    """make(**what differs) -> a station."""

    def station(**differs):
        spec = sites.from_dict({"stations": {"as300": {**SPEC, **differs}}}).station("as300")
        folder = StationFolder(tmp_path / "as300")
        folder.make()
        own = disks.Disks(folder, spec)
        own.prepare()
        (folder.root / "c/work").mkdir(exist_ok=True)
        return Station(spec=spec, folder=folder, disks=own, root=folder.root, name="as300")

    return station


PROGRAMS = discover("windows")


def _call(station, *words: str, stdin: bytes = b"", behaviour: str | None = None, env=None, pretend=False) -> HeldCall:
    """The call after it has run; `code` is its exit code, `out` and `err` what it printed."""
    made = HeldCall(
        station, list(words), stdin, cwd="C:\\work", env=env or {}, user="AgfaService", windows=True
    )  # fmt: skip
    made.behaviour, made.pretend = behaviour, pretend
    made.code = faults.guarded(made, PROGRAMS[made.name].main)
    made.printed = made.sent[1].decode("cp850").replace("\r\n", "\n")
    made.complained = made.sent[2].decode("cp850").replace("\r\n", "\n")
    return made


def _file(station, name: str, drive: str = "c") -> Path:
    return station.root / drive / "work" / name if drive == "c" else station.root / drive / name


@pytest.fixture(scope="session")
def call():
    return _call


@pytest.fixture(scope="session")
def file():
    """file(station, name, drive) -> where it lies on the host; on C: below the working folder."""
    return _file


class Session:
    """A server that answers each batch with the next list of answers."""

    def __init__(self, *answers):
        self.to_come, self.batches, self.closed = list(answers), [], False

    def close(self):
        self.closed = True


@pytest.fixture
def server(monkeypatch):
    """server(answers to the first batch, ...) -> session; `logons` on it are those asked for."""

    def use(*answers, failure: Exception | None = None):
        session = Session(*answers)
        session.logons = []

        def connect(call, logon):
            session.logons.append(logon)
            if failure:
                raise failure
            return session

        def answer(session, batch):
            session.batches.append(batch)
            return iter(session.to_come.pop(0) if session.to_come else [])

        monkeypatch.setattr(connection, "connect", connect)

        def exported(session, what):
            answers = list(answer(session, what))
            if any(isinstance(each, connection.Said) for each in answers):
                raise connection.Refused(*answers)
            return answers[0]

        monkeypatch.setattr(connection, "answers", answer)
        monkeypatch.setattr(connection, "exported", exported)
        return session

    return use
