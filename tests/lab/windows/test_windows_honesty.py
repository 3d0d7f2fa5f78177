# SPDX-License-Identifier: GPL-3.0-or-later
"""Stations share nothing, fail loudly and as they are told, and leave nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import requests
from impax_lab.programs import hostname
from impax_lab.windows import registry
from winrm.exceptions import WinRMTransportError

pytestmark = pytest.mark.lab
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def test_stations_share_nothing_and_see_nothing_of_the_host(site, wa, drive):
    wa.run("echo here>C:\\only-here.txt")
    assert not (drive(site, "wb") / "only-here.txt").exists()
    assert wa.run("if exist Z:\\ (echo yes) else (echo no)")[1] == b"no\r\n"
    assert not [path for path in drive(site, "wa").rglob("*") if path.is_symlink()]


def test_the_drives_are_those_of_the_site(site, wa, drive):
    wa.run("echo data>D:\\file.txt")
    assert (drive(site, "wa", "d") / "file.txt").read_bytes() == b"data\r\n"
    assert wa.run("if exist E:\\ (echo yes) else (echo no)")[1] == b"no\r\n"


SILENT_IN_WINE = [
    "certutil", "findstr", "fc", "netsh", "schtasks", "systeminfo", "tasklist", "wevtutil", "where", "cacls", "icacls",
    "shutdown", "arp", "powershell", "net", "setx", "subst", "sc", "robocopy", "fsutil", "wmic", "sort", "timeout",
    "diskpart", "bcdedit", "driverquery", "comp", "tree", "chkdsk", "defrag", "vssadmin", "gpresult", "eventcreate",
    "openfiles", "forfiles", "w32tm", "nslookup", "route", "typeperf", "bootcfg", "find", "hostname", "whoami",
]  # fmt: skip


def test_no_tool_of_wines_own_answers_with_an_empty_success(site, wa):
    for name in SILENT_IN_WINE:
        code, out, err = wa.run(f"{name} /no-such-switch", b"", direct=True)
        assert code != 0, name
        assert out or err, name
    called = {call["program"] for call in site.calls("wa")}
    assert set(SILENT_IN_WINE) <= called


def test_every_program_in_system32_is_the_labs_or_known_to_be_right(site, drive):
    folder = drive(site, "wa") / "windows/system32"
    relay = (drive(site, "wa") / "windows/relay.exe").read_bytes()
    others = {file.stem for file in folder.glob("*.exe") if file.read_bytes() != relay}
    assert others <= registry.WINES_OWN


def test_dir_tells_the_stations_room_in_windows_words(wa):
    assert wa.run("fsutil volume diskfree D:")[0] == 0
    free = int(re.search(rb"free bytes +: (\d+)", wa.run("fsutil volume diskfree D:")[1])[1])
    wa.run("mkdir D:\\some & echo 12345>D:\\some\\file.txt")
    listed = wa.run("dir /-c D:\\some")[1].decode()
    assert re.search(r"^ Directory of D:\\some\r$", listed, re.M)
    assert re.search(r"^\d\d/\d\d/\d{4}  \d\d:\d\d [AP]M                 7 file\.txt\r$", listed, re.M)
    assert re.search(rf"^ +\d+ Dir\(s\) +{free - 7} bytes free\r$", listed, re.M)
    assert wa.run("dir D:\\nothing")[::2] == (1, b"File Not Found\r\n")


@pytest.mark.parametrize("transport", ["ntlm", "basic"])
def test_a_cut_before_the_program_leaves_nothing_done(site, transport, protocol, drive, new_client):
    site.inject("wa", "fsutil", "disconnect_before", nth=1)
    client = new_client(protocol(site.variables("wa"), transport))
    with pytest.raises((requests.exceptions.ConnectionError, WinRMTransportError)):
        client.run("fsutil file createnew C:\\before.bin 5")
    assert not (drive(site, "wa") / "before.bin").exists()


def test_a_cut_after_the_program_leaves_it_done(site, protocol, drive, new_client):
    site.inject("wa", "fsutil", "disconnect_after", nth=1)
    client = new_client(protocol(site.variables("wa")))
    with pytest.raises((requests.exceptions.ConnectionError, WinRMTransportError)):
        client.run("fsutil file createnew C:\\after.bin 5")
    assert (drive(site, "wa") / "after.bin").stat().st_size == 5


def test_a_killed_program_leaves_half_a_file_and_an_exit_code(site, wa, drive):
    site.inject("wa", "fsutil", "killed", nth=1)
    assert wa.run("fsutil file createnew C:\\half.bin 10")[0] != 0
    assert (drive(site, "wa") / "half.bin").stat().st_size == 5


def test_a_hanging_program_ends_with_its_caller(site, wa, running, gone):
    site.inject("wa", "hostname", "hang", nth=1)
    command = wa.start("hostname")
    time.sleep(0.5)
    assert running(site, "wa", "hostname")
    wa.protocol.cleanup_command(wa.shell, command)
    assert gone(site, "wa", "hostname")
    until = time.monotonic() + 5
    while site.calls("wa", "hostname")[-1].get("fault") != "hang" and time.monotonic() < until:
        time.sleep(0.1)
    assert site.calls("wa", "hostname")[-1]["exit_code"] != 0


def test_permission_denied_is_windows_own(site, wa):
    site.inject("wa", "hostname", "permission_denied", nth=1)
    assert wa.run("hostname") == (5, b"", b"Access is denied.\r\n")


def test_down_leaves_no_process_and_keep_finds_the_files_again(lab_up, tmp_path, shell, processes, station_description):
    lab = lab_up(tmp_path, {"name": "one", "stations": {"wc": station_description}})
    with shell(lab, "wc") as client:
        client.run("echo kept>C:\\kept.txt")
        client.start("ping -n 60 127.0.0.1")
    assert list(processes(f"WINEPREFIX={lab.state}"))
    lab("down")
    assert not list(processes(f"WINEPREFIX={lab.state}"))
    assert (lab.root("wc") / "c/kept.txt").read_bytes() == b"kept\r\n"


def test_no_dead_process_is_left_behind(site, wa):
    station = json.loads((site.state / "stations/wa/run/process.json").read_text())["pid"]
    for _ in range(5):
        wa.run("hostname & C:\\windows\\system32\\whoami.exe")
    until = time.monotonic() + 10
    while _zombies(station) and time.monotonic() < until:
        time.sleep(0.1)
    assert not _zombies(station)


def _zombies(parent: int) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = path.read_text().partition(" (")[2].rpartition(") ")
            if rest.split()[:2] == ["Z", str(parent)]:
                found.append(name)
    return found


def test_a_station_whose_process_is_killed_takes_its_machine_with_it(lab_up, tmp_path, processes, station_description):
    lab = lab_up(tmp_path, {"name": "one", "stations": {"we": station_description}})
    os.kill(json.loads((lab.state / "stations/we/run/process.json").read_text())["pid"], signal.SIGKILL)
    until = time.monotonic() + 10
    while list(processes(f"WINEPREFIX={lab.state}")) and time.monotonic() < until:
        time.sleep(0.1)
    assert not list(processes(f"WINEPREFIX={lab.state}"))


def test_a_power_cut_ends_all_and_the_station_comes_back_where_it_was(
    lab_up, tmp_path, protocol, shell, processes, new_client, station_description
):
    lab = lab_up(tmp_path, {"name": "one", "stations": {"wd": station_description}})
    client = new_client(protocol(lab.variables("wd")))
    before = client.run("wmic os get LastBootUpTime /value")[1]
    client.run("echo kept>C:\\kept.txt")
    lab("power", "wd", "off")
    with pytest.raises(requests.exceptions.ConnectionError):
        client.run("ver")
    assert not list(processes(f"WINEPREFIX={lab.state}"))
    time.sleep(1.0)
    lab("power", "wd", "on")
    with shell(lab, "wd") as again:
        assert again.run("type C:\\kept.txt") == (0, b"kept\r\n", b"")
        assert again.run("wmic os get LastBootUpTime /value")[1] != before


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_brings_a_station_up(tmp_path_factory, lab_up, protocol, new_client):
    """Seen on the endpoint that runs alone; its cache is of its own, since nobody may link another's files."""
    folder = Path(tempfile.mkdtemp(prefix="ordinary."))
    folder.chmod(0o777)
    lab_package = Path(hostname.__file__).parents[2]
    process = subprocess.Popen(
        [*NOBODY, sys.executable, "-m", "impax_lab.windows.alone"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": str(lab_package),
             "PYTHONDONTWRITEBYTECODE": "1", "IMPAX_LAB_CACHE": str(folder / "cache")},
        stdout=subprocess.PIPE, cwd=folder,
    )  # fmt: skip
    try:
        variables = json.loads(process.stdout.readline())
        client = new_client(protocol(variables))
        assert client.run("whoami") == (0, b"alone\\impax\r\n", b"")
    finally:
        process.terminate()
        process.wait(20)
        subprocess.run(["rm", "-rf", str(folder)], check=True)
