# SPDX-License-Identifier: GPL-3.0-or-later
"""One Windows station: its machine from the template, its relays, its WinRM service, from boot to power-off."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

from impax_lab import calls
from impax_lab.program import program_name
from impax_lab.windows import orphans, registry, template, texts, tls
from impax_lab.windows.hosts import Filter, Host, Hosts
from impax_lab.windows.jobs import Jobs
from impax_lab.windows.logon import Accounts
from impax_lab.windows.paths import host_path
from impax_lab.windows.relays import RelayCall
from impax_lab.windows.shells import Shells
from impax_lab.windows.sql import tools
from impax_lab.windows.wine import Prefix
from impax_lab.windows.winrmd import Door, Server
from impax_lab.windows.wire import Switchboard, Wire

if TYPE_CHECKING:
    from impax_lab.state import StationFolder
    from impax_lab.station import StationProcess

SYSTEM32 = "C:\\windows\\system32"
REAP_SECONDS = 5.0
BATCHES = "C:\\windows\\lab"  # what the batch files call
PATH = [SYSTEM32, "C:\\windows", "C:\\windows\\System32\\Wbem", "{tools}", "C:\\mvf\\bin"]
ORACLE = "C:\\oracle\\product\\11.2.0\\db_1\\bin"  # assumed


class Machine:
    """A station's machine. `hosts` starts commands in it; `port` is where its WinRM service answers."""

    def __init__(self, station: StationProcess, folder: StationFolder) -> None:
        self.station, self.folder = station, folder
        self.options: dict[str, Any] = dict(station.spec.options.get("winrm") or {})
        self.prefix = Prefix(folder.path / "machine", folder.root / "c", folder.run / "home", folder.run / "wine.log")
        self._server: subprocess.Popen[bytes] | None = None
        self._services: list[Server] = []
        self._port = int(self.options.get("port", 0))
        self._off = threading.Event()
        self.jobs = Jobs(self)
        self.shells: Shells | None = None
        self.booted = datetime.now()

    def up(self) -> dict[str, Any]:
        """Boot it; the result are the inventory variables by which it is reached."""
        orphans.adopt()
        if not self.prefix.folder.exists():
            self._install()
        self._off.clear()
        self._place_relays()
        self.station.disks.prepare()
        self.board = Switchboard()
        self.hosts = Hosts(self.prefix, self.board)
        self.board.receivers["call"] = self._call
        (self.prefix.c / "windows" / "relay.conf").write_text(f"{self.board.port} {self.board.token}\n", "ascii")
        self._server = self.prefix.serve()
        threading.Thread(target=orphans.reap_until, args=(self._off,), name="reaper", daemon=True).start()
        self._boot()
        self.booted = datetime.now()
        return self._open_doors()

    def down(self) -> None:
        """Power off: whatever runs there ends at once. Also after a start that failed half way."""
        for service in self._services:
            service.close()
        self._services.clear()
        if self.shells:
            self.shells.close()
            self.shells = None
        self.jobs.stop()
        if self._server:
            self.hosts.close_all()
            self.board.close()
            self.prefix.stop()
            self._server.wait()
            self._server = None
            orphans.reap_all(REAP_SECONDS)
        self._off.set()

    def environment(self, user: str) -> dict[str, str]:
        """The variables of a log-on of `user`, as Windows makes them."""
        spec = self.station.spec
        profile = f"{self._profiles()}\\{user}"
        temp = profile + (r"\Local Settings\Temp" if self._is_2003() else r"\AppData\Local\Temp")
        host_path(self.folder.root, "C:\\", temp).mkdir(parents=True, exist_ok=True)
        return {
            "ALLUSERSPROFILE": f"{self._profiles()}\\All Users" if self._is_2003() else "C:\\ProgramData",
            "COMPUTERNAME": spec.hostname.upper(),
            "HOMEDRIVE": "C:",
            "HOMEPATH": profile[2:],
            "PATH": ";".join([*PATH, *([ORACLE] if spec.oracle else [])]).format(tools=tools.folder(spec)),
            "PROMPT": "$P$G",
            "TEMP": temp,
            "TMP": temp,
            "USERDOMAIN": spec.hostname.upper(),
            "USERNAME": user,
            "USERPROFILE": profile,
        }

    def open_host(self, user: str) -> Host:
        """A session of its own for a scheduled job: it outlives every remote shell."""
        return self.hosts.open(self.oem_codepage(), self.environment(user))

    def oem_codepage(self) -> int:
        digits = "".join(filter(str.isdigit, self.station.spec.codec))
        return 65001 if self.station.spec.codec.lower().startswith("utf") else int(digits or 437)

    # Set-up ---------------------------------------------------------------------------------------------------------

    def _install(self) -> None:
        """A clone of the template with this station's drives, users and registry."""
        spec = self.station.spec
        template.clone(template.template(), self.prefix.folder, self.prefix.c)
        shutil.copy2(template.programs() / "winrshost.exe", self.prefix.c / "windows")
        shutil.copy2(template.programs() / "relay.exe", self.prefix.c / "windows")
        for drive in (name[0].lower() for name in spec.disks if name[:1].lower() != "c"):
            (self.folder.root / drive).mkdir(parents=True, exist_ok=True)
            link = self.prefix.folder / "dosdevices" / f"{drive}:"
            link.symlink_to(os.path.relpath(self.folder.root / drive, link.parent))
        registry.adapt(self.prefix.folder, spec.release, self._names())

    def _names(self) -> set[str]:
        """The programs of the lab, and whatever of Wine's own must not answer."""
        wines = {file.stem.lower() for file in (self.prefix.c / "windows" / "system32").glob("*.exe")}
        return set(self.station.programs) | (wines | registry.MISSING) - registry.WINES_OWN

    def _place_relays(self) -> None:
        """Every program of the lab, and what of Wine's own must not answer, becomes the relay. Never written through
        a link: the old file goes first."""
        relay = self.prefix.c / "windows" / "relay.exe"
        for name in sorted(self._names()):
            for place in self._places(name):
                program = f"{BATCHES}\\{name}.exe" if self._is_batch(name) else f"{place}\\{name}.exe"
                target = host_path(self.folder.root, "C:\\", program)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.unlink(missing_ok=True)
                os.link(relay, target)
                if self._is_batch(name):
                    batch = host_path(self.folder.root, place, f"{name}.bat")
                    batch.parent.mkdir(parents=True, exist_ok=True)
                    batch.write_text(f'@"{program}" %*\r\n', "ascii", newline="")

    def _is_batch(self, name: str) -> bool:
        """Whether a program is a batch file (``BATCH``): what it does is in a program of its name elsewhere."""
        return bool(getattr(self.station.programs.get(name), "BATCH", False))

    def _places(self, name: str) -> list[str]:
        """The folders that have a program: those that its file tells for this station (``places``) or for all."""
        module = self.station.programs.get(name)
        if module is not None and hasattr(module, "places"):
            return list(module.places(self.station.spec, name))
        return list(getattr(module, "PLACES", {}).get("windows") or [SYSTEM32])

    def _boot(self) -> None:
        """The first process of a prefix starts its services and is slow: let it be one that nobody waits for."""
        host = self.hosts.open(437, {})
        host.run(f"{SYSTEM32}\\cmd.exe /c exit 0", "C:\\").wait(60)
        self.hosts.close(host)

    def _open_doors(self) -> dict[str, Any]:
        spec, options = self.station.spec, self.options
        accounts = Accounts(self.passwords(), spec.hostname.upper(), self._locked())
        self.shells = Shells(
            self.hosts, self.environment, self._filters, machine=spec.hostname, most=int(options.get("max_shells", 5))
        )
        scheme = str(options.get("scheme", "http"))
        door = Door(
            basic=bool(options.get("basic", True)),
            negotiate=bool(options.get("ntlm", True)),
            unencrypted=bool(options.get("unencrypted", True)),
            tls=tls.context(self.folder.run, spec.hostname, str(options.get("tls", "1.0")))
            if scheme == "https"
            else None,
        )
        service = Server(self._port, self.shells, accounts, door)
        self._port = service.server_port  # the same one when the power comes back
        self._services.append(service)
        variables = {
            "ansible_connection": "impax.upgrade.winrm_cmd",
            "ansible_host": "127.0.0.1",
            "ansible_port": service.server_port,
            "ansible_user": spec.user,
            "ansible_password": spec.password,
            "ansible_winrm_scheme": scheme,
            "ansible_winrm_transport": "ntlm" if door.negotiate else "basic",
        }
        if scheme == "https":
            variables["ansible_winrm_ca_trust_path"] = str(tls.certificate(self.folder.run))
        return variables

    def passwords(self) -> dict[str, str]:
        """Who may log on. An account with ``wrong_password`` has another one than the inventory says."""
        spec = self.station.spec
        told = {spec.user: spec.password}
        told |= {name: str((user or {}).get("password", "")) for name, user in spec.users.items()}
        wrong = {name.lower() for name, state in spec.accounts.items() if state == "wrong_password"}
        return {name: f"not-{word}" if name.lower() in wrong else word for name, word in told.items() if word}

    def _locked(self) -> frozenset[str]:
        return frozenset(name.lower() for name, state in self.station.spec.accounts.items() if state == "locked")

    def _is_2003(self) -> bool:
        return self.station.spec.release.startswith("5.")

    def _profiles(self) -> str:
        return r"C:\Documents and Settings" if self._is_2003() else r"C:\Users"

    # Work -----------------------------------------------------------------------------------------------------------

    def _call(self, wire: Wire, hello: list[str]) -> None:
        call = RelayCall(self.station, wire, hello, self._cut)
        call.end(self.station.run(call))

    def _filters(self, line: str, user: str, folder: str) -> dict[str, Filter]:
        def unknown(name: str) -> None:
            entry = {"program": program_name(name), "words": [name], "user": user, "folder": folder}
            at = {"at": calls.now(), "seconds": 0.0}
            calls.record(self.folder.calls, {**at, **entry, "exit_code": texts.NOT_RECOGNIZED, "known": False})

        listing: dict[str, Filter] = {"stdout": texts.Listing(self._free)} if texts.lists_folders(line) else {}
        return {"stderr": texts.Errors(line, unknown), **listing}

    def _free(self, drive: str) -> int | None:
        disks = self.station.disks.all()
        return next((disk.free for disk in disks if disk.mount[:1].upper() == drive.upper()), None)

    def _cut(self, command: str, everything: bool) -> None:
        if self.shells:
            self.shells.cut(command, everything)
