# SPDX-License-Identifier: GPL-3.0-or-later
"""The door of a Unix station: OpenSSH's sshd in a process space of its own.

sshd is process 1 of the station's pid name space: what it leaves running outlives log-ons, and its end is a power cut.
It runs as an ordinary user (in a user name space, whoever starts the lab), so every account of the station is that one
user to sshd; a second confinement around each log-on gives it the account's number and the station's own files.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impax_lab.state import LabError
from impax_lab.unix import root, tools

if TYPE_CHECKING:
    from impax_lab.station import StationProcess

UID = 1000  # what the lab's user is called inside; any number but 0
START_SECONDS = 20.0
# assumed: what SunSSH of Solaris 10 offers, as far as OpenSSH still can (general knowledge; not read from a station)
OLD_OFFER = """\
KexAlgorithms diffie-hellman-group14-sha1,diffie-hellman-group1-sha1
HostKeyAlgorithms ssh-rsa
Ciphers aes128-cbc,aes192-cbc,aes256-cbc,3des-cbc
MACs hmac-sha1,hmac-md5
"""
OLD_CLIENT = ("-oKexAlgorithms=+diffie-hellman-group14-sha1,diffie-hellman-group1-sha1", "-oHostKeyAlgorithms=+ssh-rsa",
              "-oCiphers=+aes128-cbc", "-oMACs=+hmac-sha1", "-oPubkeyAcceptedAlgorithms=+ssh-rsa")  # fmt: skip
CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey "{run}/host_key"
AuthorizedKeysFile "{run}/authorized_keys"
PidFile none
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
PermitRootLogin yes
AllowUsers {users}
ForceCommand {log_on}
PrintMotd no
MaxSessions 100
MaxStartups 200
AllowTcpForwarding no
{old}"""
LOG_ON = """\
#!/bin/sh
# One log-on: the account's number, home and shell, and nothing to see but the station's own files.
case $USER in
{accounts}
*) exit 1 ;;
esac
set -- {bwrap} --unshare-user --unshare-uts --hostname {hostname} --cap-add CAP_SETFCAP --uid $uid --gid $gid \\
 --bind {root} / --bind /proc /proc --dev /dev --chdir "$home" --clearenv --setenv HOME "$home" --setenv USER $USER \\
 --setenv LOGNAME $USER --setenv SHELL $shell --setenv PATH {path} --setenv TZ {zone} \\
 --setenv SSH_CONNECTION "$SSH_CONNECTION" --setenv SSH_CLIENT "$SSH_CLIENT"
if test -n "$SSH_ORIGINAL_COMMAND"; then exec "$@" $shell -c "$SSH_ORIGINAL_COMMAND"; fi
exec "$@" $shell
"""


class Door:
    """The running sshd of a station."""

    def __init__(self, station: StationProcess) -> None:
        self.station = station
        self.run = station.folder.run
        self.port = 0
        self.first = 0  # process 1 of the station, as the host numbers it
        self._outer: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Keys, configuration and accounts; a kept station keeps its host key and its port."""
        old = bool(self.station.spec.options.get("old_ssh"))
        self.port = self.port or self.station.folder.remembered().get("ssh_port", 0) or free_port()
        with self.station.folder.remembering() as memory:
            memory["ssh_port"] = self.port
        make_key(self.run / "host_key", "rsa" if old else "ed25519")
        client = client_key(self.station)
        _write(self.run / "authorized_keys", client.with_name(client.name + ".pub").read_text(encoding="utf-8"))
        old_lines = OLD_OFFER if old else ""
        _write(self.run / "sshd_config", self._config(" ".join(root.users(self.station)), old_lines))
        _write(self.run / "log_on", self._log_on(), 0o755)
        self._names()

    def _config(self, users: str, old: str) -> str:
        log_on = shlex.quote(str(self.run / "log_on"))
        return CONFIG.format(port=self.port, run=self.run, log_on=log_on, users=users, old=old)

    def _log_on(self) -> str:
        lines = [
            f"{name}) uid={a['uid']} gid={a['gid']} home={shlex.quote(a['home'])} shell={a['shell']} ;;"
            for name, a in root.users(self.station).items()
        ]
        spec = self.station.spec
        return LOG_ON.format(
            accounts="\n".join(lines), bwrap=tools.which("bwrap"), hostname=spec.hostname,
            root=shlex.quote(str(self.station.root)), path="/usr/sbin:/usr/bin", zone=root.zone(self.station),
        )  # fmt: skip

    def _names(self) -> None:
        """The accounts as sshd must see them: all one user, none locked, a home that exists."""
        names = list(root.users(self.station))
        _write(self.run / "passwd", "".join(f"{name}:x:{UID}:{UID}::/:/bin/sh\n" for name in names))
        _write(self.run / "shadow", "".join(f"{name}:NP:1::::::\n" for name in names))
        _write(self.run / "group", f"lab:x:{UID}:\n")
        _write(self.run / "nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files\n")

    def open(self) -> None:
        """Switch the station on; returns when sshd answers."""
        reader, writer = os.pipe()
        with (self.run / "sshd.log").open("ab") as log:
            self._outer = subprocess.Popen(
                self._words(writer), stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(writer,), cwd="/"
            )
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as told:
            text = told.read()
        if not text.strip():
            raise LabError(f"the station's confinement failed: {self._log_tail()}")
        self.first = json.loads(text)["child-pid"]
        self._await()

    def _words(self, told: int) -> list[str]:
        run = str(self.run)
        over = [word for name in ("passwd", "shadow", "group", "nsswitch.conf") if Path("/etc", name).exists()
                for word in ("--ro-bind", f"{run}/{name}", f"/etc/{name}")]  # fmt: skip
        return [
            tools.which("bwrap"), "--unshare-user", "--unshare-pid", "--uid", str(UID), "--gid", str(UID), "--as-pid-1",
            "--die-with-parent", "--info-fd", str(told), "--ro-bind", "/", "/", "--bind", str(self.station.folder.path),
            str(self.station.folder.path), *over, "--proc", "/proc", "--dev-bind", "/dev", "/dev",
            tools.which("sshd", "openssh-server"), "-D", "-e", "-f", f"{run}/sshd_config",
        ]  # fmt: skip

    def _await(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if not self.is_open():
                raise LabError(f"sshd ended at once: {self._log_tail()}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                    if connection.recv(4) == b"SSH-":
                        return
            except OSError:
                time.sleep(0.01)
        raise LabError(f"sshd does not answer on port {self.port}: {self._log_tail()}")

    def is_open(self) -> bool:
        return self._outer is not None and self._outer.poll() is None

    def close(self) -> None:
        """Cut the power: process 1 and with it everything in the station ends at once."""
        if self._outer is None:
            return
        for pid in (self.first, self._outer.pid):
            if pid and self._outer.poll() is None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._outer.wait()
        self._outer, self.first = None, 0

    def _log_tail(self) -> str:
        return (self.run / "sshd.log").read_text(encoding="utf-8", errors="replace")[-600:].strip()

    def variables(self) -> dict[str, Any]:
        """How Ansible reaches the station."""
        known = self.station.folder.run / "known_hosts"
        public = (self.run / "host_key.pub").read_text(encoding="utf-8").split()
        _write(known, f"[127.0.0.1]:{self.port} {public[0]} {public[1]}\n")
        options = ["-F", "none", f'-oUserKnownHostsFile="{known}"', "-oGlobalKnownHostsFile=/dev/null"]
        if self.station.spec.options.get("old_ssh"):
            options += OLD_CLIENT
        return {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": self.port,
            "ansible_user": self.station.spec.user,
            "ansible_ssh_private_key_file": str(client_key(self.station)),
            "ansible_ssh_common_args": " ".join(shlex.quote(option) for option in options),
        }


def client_key(station: StationProcess) -> Path:
    """The key that logs in to every Unix station of the lab."""
    from impax_lab.state import locked

    station.lab.keys.mkdir(parents=True, exist_ok=True)
    path = station.lab.keys / "id"
    with locked(path):
        make_key(path, "rsa" if station.spec.options.get("old_ssh") else "ed25519")
    return path


def make_key(path: Path, kind: str) -> None:
    if not path.exists():
        words = [tools.which("ssh-keygen"), "-q", "-t", kind, "-N", "", "-C", "impax-lab", "-f", str(path)]
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
