# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a Unix station: what a Solaris 10 database server has, as far as anybody looks.

Every program is a link to one relay; shell, busybox and su lie hidden in ``/usr/lib/.lab``. There is no Python.
Folder layout: filesystem(5) of Solaris 10; IMPAX under /usr/mvf as in the vendor's text; Oracle's home `assumed`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from impax_lab.site import DEFAULT_ZONE
from impax_lab.unix import tools

if TYPE_CHECKING:
    from impax_lab.station import StationProcess

words_of = str.split
HIDDEN = "usr/lib/.lab"
SHELL = f"/{HIDDEN}/dash"
BUSYBOX = f"/{HIDDEN}/busybox"
SU = f"/{HIDDEN}/su"
ORACLE_HOME = "/opt/oracle/product/11.2.0"
DEFAULT_PLACES = ("/usr/bin",)
FOLDERS = (
    *words_of("dev proc etc/default opt sbin usr/bin usr/sbin usr/lib usr/mvf/bin usr/ucb var/adm var/run var/tmp"),
    *("export/home", "mnt", "tmp", HIDDEN, ORACLE_HOME.strip("/") + "/bin"),
)
PROFILE = f"""\
ORACLE_HOME={ORACLE_HOME}; export ORACLE_HOME
ORACLE_SID={{sid}}; export ORACLE_SID
PATH=/usr/bin:/usr/sbin:/usr/mvf/bin:$ORACLE_HOME/bin; export PATH
"""
CSHRC = f"""\
setenv ORACLE_HOME {ORACLE_HOME}
setenv ORACLE_SID {{sid}}
setenv PATH /usr/bin:/usr/sbin:/usr/mvf/bin:{ORACLE_HOME}/bin
"""
NOISE = 'echo "*** {host}: this system is for authorised use only ***"\necho "You have new mail."\n'
DEFAULT_USERS = {"root": {"uid": 0, "gid": 0, "group": "root", "home": "/", "shell": "/bin/sh"}}


def build(station: StationProcess) -> None:
    """Make the station's files. What a run of the station has changed is left alone."""
    root = station.root
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for folder in ("tmp", "var/tmp"):
        (root / folder).chmod(0o1777)
    if not (root / "bin").is_symlink():
        (root / "bin").symlink_to("usr/bin")
    _programs(station)
    _accounts(station)
    _zone(station)
    station.disks.prepare()


def users(station: StationProcess) -> dict[str, dict]:
    """The accounts of the station by name, each with uid, gid, group, home, shell, comment."""
    found = {}
    for name, given in {**DEFAULT_USERS, **station.spec.users}.items():
        default = {
            "gid": given.get("uid"),
            "group": name,
            "home": f"/export/home/{name}",
            "shell": "/bin/sh",
            "comment": "",
        }
        found[name] = {**default, **given}
    return found


def _programs(station: StationProcess) -> None:
    root, hidden = station.root, station.root / HIDDEN
    _place(tools.compiled(station.lab.tools, "relay"), hidden / "relay")
    _place(tools.compiled(station.lab.tools, "su"), hidden / "su")
    for name in ("dash", "busybox"):
        host = tools.which(name)
        _place(Path(host), hidden / name)
        for library in tools.libraries(host):
            _place(library, root / str(library).lstrip("/"))
    for name, module in station.programs.items():
        places = getattr(module, "PLACES", {}).get("unix", DEFAULT_PLACES)
        for place in places:
            _link(root / place.lstrip("/") / name)


def _place(source: Path, target: Path) -> None:
    """A copy of a host's program; a hard link would let a station change the host's."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755)


def _link(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.is_symlink():
        target.symlink_to(f"/{HIDDEN}/relay")


def _accounts(station: StationProcess) -> None:
    accounts = users(station)
    lines = [f"{n}:x:{u['uid']}:{u['gid']}:{u['comment']}:{u['home']}:{u['shell']}\n" for n, u in accounts.items()]
    groups = {u["group"]: u["gid"] for u in accounts.values()}
    _text(station.root / "etc/passwd", "".join(lines))
    _text(station.root / "etc/group", "".join(f"{name}:x:{gid}:\n" for name, gid in groups.items()))
    _text(station.root / "etc/release", "                   Oracle Solaris 10 1/13 s10s_u11wos_24a SPARC\n")
    noise = NOISE.format(host=station.spec.hostname) if station.spec.options.get("noisy_profile") else ""
    _text(station.root / "etc/profile", noise)
    for name, account in accounts.items():
        if name != "root":
            _home(station, account, noise)


def _home(station: StationProcess, account: dict, noise: str) -> None:
    home = station.root / str(account["home"]).lstrip("/")
    home.mkdir(parents=True, exist_ok=True)
    sid = station.spec.oracle.get("name", "")
    _text(home / ".profile", PROFILE.format(sid=sid))
    _text(home / ".cshrc", noise + CSHRC.format(sid=sid))


def _zone(station: StationProcess) -> None:
    """The rules of the station's time zone, so that its clock and its databases say the same."""
    name = f"usr/share/zoneinfo/{zone(station)}"
    if Path("/", name).is_file():
        _place(Path("/", name), station.root / name)


def zone(station: StationProcess) -> str:
    return str(station.spec.options.get("zone", DEFAULT_ZONE))


def _text(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text, encoding="utf-8")
