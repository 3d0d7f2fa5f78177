# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows stations as a client of theirs sees them: pywinrm's own Protocol against Wine, nothing of the collection."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from impax_lab.programs import hostname
from impax_lab.windows import registry, shells
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WinRMTransportError, WSManFaultError
from winrm.protocol import Protocol

pytestmark = pytest.mark.lab

PASSWORD = "agfa:Lab-5561"  # a colon is no separator
STATION = {
    "type": "as300_sqlserver", "system": "windows", "release": "6.0.6002", "codec": "cp850",
    "user": "AgfaService", "password": PASSWORD,
    "users": {"Administrator": {"password": "adm-Lab-1"}, "Former": {"password": "old-Lab-1"}},
    "accounts": {"Former": "locked"}, "disks": {"C:": 20000, "D:": 8000},
    "options": {"winrm": {"max_shells": 20}},
}  # fmt: skip
SEALED = {"winrm": {"scheme": "https", "basic": False, "tls": "1.2", "max_shells": 3}}


@pytest.fixture(scope="module")
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


def protocol(variables: dict, transport: str = "ntlm", **more: object) -> Protocol:
    url = f"{variables['ansible_winrm_scheme']}://127.0.0.1:{variables['ansible_port']}/wsman"
    options = {
        "transport": transport, "username": variables["ansible_user"], "password": variables["ansible_password"],
        "operation_timeout_sec": 20, "read_timeout_sec": 40, "proxy": None,
        "ca_trust_path": variables.get("ansible_winrm_ca_trust_path", "legacy_requests"),
    }  # fmt: skip
    return Protocol(url, **{**options, **more})


@contextmanager
def shell(site, station: str = "wa", transport: str = "ntlm", codepage: int = 850, **more: object) -> Iterator[Client]:
    opened = {key: more.pop(key) for key in ("env_vars", "working_directory", "idle_timeout") if key in more}
    client = Client(protocol(site.variables(station), transport, **more), codepage=codepage, **opened)
    try:
        yield client
    finally:
        client.protocol.close_shell(client.shell)


@pytest.fixture(scope="module")
def wa(site):
    with shell(site) as client:
        yield client


def drive(site, station: str, letter: str = "c") -> Path:
    return site.root(station) / letter


# Who may come in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["ntlm", "basic"])
@pytest.mark.parametrize("user", ["AgfaService", "agfaservice", "WA\\AgfaService", "Administrator"])
def test_accounts_of_the_site_log_on(site, transport, user):
    password = "adm-Lab-1" if user == "Administrator" else PASSWORD
    with shell(site, transport=transport, username=user, password=password) as client:
        bare = user.rpartition("\\")[2].lower()
        assert client.run("whoami") == (0, f"wa\\{bare}\r\n".encode(), b"")


@pytest.mark.parametrize("transport", ["ntlm", "basic"])
@pytest.mark.parametrize(("user", "password"), [("AgfaService", "wrong"), ("nobody", "x"), ("Former", "old-Lab-1")])
def test_others_do_not(site, transport, user, password):
    with pytest.raises(InvalidCredentialsError):
        protocol(site.variables("wa"), transport, username=user, password=password).open_shell()


def test_basic_is_refused_where_it_is_switched_off(site):
    with pytest.raises(InvalidCredentialsError):
        protocol(site.variables("wb"), "basic").open_shell()


def test_ntlm_messages_are_sealed_on_http(site):
    """What travels is not readable: the body that the client sends holds no word of the command."""
    one = protocol(site.variables("wa"), "ntlm", message_encryption="always")
    sent = []
    session = one.transport.build_session()
    original = session.send
    session.send = lambda request, **how: sent.append(request.body or b"") or original(request, **how)
    client = Client(one)
    assert client.run("echo marker-of-the-test")[1] == b"marker-of-the-test\r\n"
    one.close_shell(client.shell)
    assert len(sent) > 3
    assert not any(b"marker" in body for body in sent)


def test_https_with_the_stations_own_certificate(site):
    with shell(site, "wb") as client:
        assert client.run("hostname") == (0, b"wb\r\n", b"")
    with pytest.raises(requests.exceptions.SSLError):
        protocol({**site.variables("wb"), "ansible_winrm_ca_trust_path": None}).open_shell()


# Commands ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 1, 255, 256, 3010, 2147483647, -1, -2147483648])
def test_exit_codes_have_32_bits_and_a_sign(wa, code):
    assert wa.run(f"exit {code}") == (code, b"", b"")


def test_the_two_outputs_stay_apart(wa):
    assert wa.run("echo good& echo bad>&2") == (0, b"good\r\n", b"bad\r\n")


def test_a_megabyte_in_and_out_byte_for_byte(site, wa):
    data = random.Random(7).randbytes(1_000_000) + b"\n"
    assert wa.run('findstr "^" >C:\\mega.bin', data)[0] == 0
    assert (drive(site, "wa") / "mega.bin").read_bytes() == data
    code, out, _ = wa.run('findstr "^" C:\\mega.bin')
    assert (code, out) == (0, data)


@pytest.mark.parametrize(
    ("codepage", "printed"),
    [(437, b"\x82?\xe1\x81"), (850, b"\x82?\xe1\x81"), (1252, b"\xe9\x80\xdf\xfc"), (65001, "é€ßü".encode())],
)
def test_cmd_writes_in_the_code_page_of_the_shell(site, codepage, printed):
    with shell(site, codepage=codepage) as client:
        assert client.run("chcp") == (0, b"Active code page: %d\r\n" % codepage, b"")
        assert client.run("echo é€ßü") == (0, printed + b"\r\n", b"")


def test_the_shell_has_its_variables_and_its_folder(site):
    folder = drive(site, "wa") / "my place"
    folder.mkdir()
    with shell(site, env_vars={"SECRET": "a %x% & b"}, working_directory="C:\\my place") as client:
        assert client.run("set SECRET") == (0, b"SECRET=a %x% & b\r\n", b"")
        assert client.run("cd") == (0, b"C:\\my place\r\n", b"")
        listed = client.run("set")[1].decode().lower()
        assert "username=agfaservice" in listed
        assert "computername=wa" in listed
        assert str(Path.home()).lower() not in listed
        assert "=lab" not in listed
    with shell(site) as client:
        assert client.run("set SECRET")[0] != 0


WORDS = ["", "a b", 'say "x"', "c:\\end\\", "50%", "%OS%", "^&|<>()!", "é€日本", "*.*", '\\"', "a\tb"]


def test_words_arrive_as_they_were_meant(site, wa):
    """Without cmd.exe nothing but the C run-time library's rules stands between client and program."""
    from subprocess import list2cmdline  # those very rules

    wa.run(list2cmdline(["hostname", *WORDS]), direct=True)
    assert site.calls("wa", "hostname")[-1]["words"] == ["hostname", *WORDS]


def test_a_program_that_is_not_there_is_a_fault_without_cmd_and_a_message_with_it(site, wa):
    with pytest.raises(WSManFaultError) as raised:
        wa.run("C:\\no\\such.exe", direct=True)
    assert raised.value.wsman_fault_code == 0x80070002
    code, out, err = wa.run("nosuch.exe a b")
    assert (code, out) == (1, b"")
    assert err.startswith(b"'nosuch.exe' is not recognized as an internal or external command,\r\n")
    call = site.calls("wa", "nosuch")[-1]
    assert (call["known"], call["user"]) == (False, "AgfaService")


def test_the_longest_line_runs_and_one_more_character_runs_nothing_and_says_0(wa):
    start, room = "echo ", shells.LONGEST_LINE - len(f'{shells.COMSPEC} /C ""')
    longest = start + "x" * (room - len(start))
    assert wa.run(longest) == (0, b"x" * (room - len(start)) + b"\r\n", b"")
    assert wa.run(longest + "x") == (0, b"", b"")
    assert wa.run("exit 7 " + "x" * room) == (0, b"", b"")


def test_a_long_line_with_an_unquoted_program_runs(site, wa):
    wa.run("hostname " + "y" * 7000)
    assert site.calls("wa", "hostname")[-1]["words"] == ["hostname", "y" * 7000]


def test_eight_shells_at_once(site):
    clients = [Client(protocol(site.variables("wa"))) for _ in range(8)]
    commands = [(client, number, client.start(f"hostname & exit {number}")) for number, client in enumerate(clients)]
    for client, number, command in commands:
        assert client.protocol.get_command_output(client.shell, command) == (b"wa\r\n", b"", number)
        client.protocol.close_shell(client.shell)


# Protocol ----------------------------------------------------------------------------------------------------------


def fault(call) -> tuple[int, str]:
    with pytest.raises(WSManFaultError) as raised:
        call()
    return raised.value.wsman_fault_code, raised.value.fault_subcode


def test_what_is_not_there_is_named(site, wa):
    assert fault(lambda: wa.protocol.run_command("0" * 8, "ver")) == (2150858843, "w:InvalidSelectors")
    code, subcode = fault(lambda: wa.protocol.get_command_output_raw(wa.shell, "0" * 8))
    assert (code, subcode) == (2150858844, "w:InvalidParameter")


def test_a_closed_shell_is_gone(site):
    with shell(site) as client:
        pass
    assert fault(lambda: client.start("ver"))[0] == 2150858843


def test_nobody_uses_anothers_shell(site, wa):
    other = protocol(site.variables("wa"), username="Administrator", password="adm-Lab-1")
    assert fault(lambda: other.run_command(wa.shell, "ver")) == (5, "w:AccessDenied")


def test_a_receive_that_gets_nothing_times_out_and_the_command_runs_on(site):
    with shell(site, operation_timeout_sec=1) as client:
        command = client.start("ping -n 3 127.0.0.1 >nul & exit 5")
        with pytest.raises(WinRMOperationTimeoutError):
            client.protocol.get_command_output_raw(client.shell, command)
        assert client.protocol.get_command_output(client.shell, command)[2] == 5


def test_one_shell_too_many_is_refused(site):
    clients = [Client(protocol(site.variables("wb"))) for _ in range(3)]
    assert fault(lambda: Client(protocol(site.variables("wb")))) == (2150859174, "w:QuotaLimit")
    for client in clients:
        client.protocol.close_shell(client.shell)
    with shell(site, "wb") as client:
        assert client.run("exit 0")[0] == 0


def test_an_idle_shell_is_forgotten(site):
    with pytest.raises(WSManFaultError), shell(site, idle_timeout="PT1S") as client:
        assert client.run("ping -n 3 127.0.0.1 >nul")[0] == 0  # busy is not idle
        time.sleep(1.2)
        client.run("ver")


def test_another_path_or_no_xml_is_no_service(site):
    variables = site.variables("wa")
    auth = (variables["ansible_user"], variables["ansible_password"])
    url = f"http://127.0.0.1:{variables['ansible_port']}"
    assert requests.post(f"{url}/other", data="", auth=auth, timeout=10).status_code == 404
    answer = requests.post(f"{url}/wsman", data="<no", auth=auth, timeout=10)
    assert answer.status_code == 500
    assert "SchemaValidationError" in answer.text


def running(site, station: str, name: str) -> list[str]:
    """The host's processes of a station with that program name."""
    prefix = f"WINEPREFIX={site.state}/stations/{station}/"
    return [pid for pid, words in processes(prefix) if name in words]


def processes(marker: str) -> Iterator[tuple[str, str]]:
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (place / "environ").read_bytes():
                yield place.name, (place / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue


def gone(site, station: str, name: str) -> bool:
    until = time.monotonic() + 5
    while running(site, station, name) and time.monotonic() < until:
        time.sleep(0.05)
    return not running(site, station, name)


def test_terminate_ends_the_whole_tree(site, wa):
    command = wa.start("ping -n 60 127.0.0.1")
    until = time.monotonic() + 5
    while not running(site, "wa", "ping") and time.monotonic() < until:
        time.sleep(0.05)
    assert running(site, "wa", "ping")
    wa.protocol.cleanup_command(wa.shell, command)
    assert gone(site, "wa", "ping")


def test_what_start_b_begins_dies_with_its_command(site, wa):
    assert wa.run("start /b ping -n 60 127.0.0.1 >nul")[0] == 0
    assert gone(site, "wa", "ping")


# Scheduled jobs ----------------------------------------------------------------------------------------------------


def test_a_scheduled_job_outlives_its_shell(site):
    with shell(site) as client:
        batch = b"@echo off\r\nping -n 2 127.0.0.1 >nul\r\nwhoami >C:\\jobs\\who\r\nexit /b 42\r\n"
        client.run('mkdir C:\\jobs & findstr "^" >C:\\jobs\\one.bat', batch)
        created = client.run("schtasks /create /tn one /tr C:\\jobs\\one.bat /sc once /st 00:00 /ru SYSTEM /f")
        assert created[0] == 0
        assert client.run("schtasks /run /tn one")[0] == 0
    with shell(site) as client:
        assert b"Running" in client.run("schtasks /query /tn one /fo list /v")[1]
        until = time.monotonic() + 15
        while b"Running" in client.run("schtasks /query /tn one /fo list /v")[1] and time.monotonic() < until:
            time.sleep(0.1)
        seen = client.run("schtasks /query /tn one /fo list /v")[1].decode()
        assert re.search(r"Last Result: +42\r", seen)
        assert (drive(site, "wa") / "jobs/who").read_bytes() == b"nt authority\\system\r\n"
        assert client.run("schtasks /delete /tn one /f")[0] == 0
        assert client.run("schtasks /query /tn one")[0] == 1


# Isolation and honesty ---------------------------------------------------------------------------------------------


def test_stations_share_nothing_and_see_nothing_of_the_host(site, wa):
    wa.run("echo here>C:\\only-here.txt")
    assert not (drive(site, "wb") / "only-here.txt").exists()
    assert wa.run("if exist Z:\\ (echo yes) else (echo no)")[1] == b"no\r\n"
    assert not [path for path in drive(site, "wa").rglob("*") if path.is_symlink()]


def test_the_drives_are_those_of_the_site(site, wa):
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


def test_every_program_in_system32_is_the_labs_or_known_to_be_right(site):
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


# Faults ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["ntlm", "basic"])
def test_a_cut_before_the_program_leaves_nothing_done(site, transport):
    site.inject("wa", "fsutil", "disconnect_before", nth=1)
    client = Client(protocol(site.variables("wa"), transport))
    with pytest.raises((requests.exceptions.ConnectionError, WinRMTransportError)):
        client.run("fsutil file createnew C:\\before.bin 5")
    assert not (drive(site, "wa") / "before.bin").exists()


def test_a_cut_after_the_program_leaves_it_done(site):
    site.inject("wa", "fsutil", "disconnect_after", nth=1)
    client = Client(protocol(site.variables("wa")))
    with pytest.raises((requests.exceptions.ConnectionError, WinRMTransportError)):
        client.run("fsutil file createnew C:\\after.bin 5")
    assert (drive(site, "wa") / "after.bin").stat().st_size == 5


def test_a_killed_program_leaves_half_a_file_and_an_exit_code(site, wa):
    site.inject("wa", "fsutil", "killed", nth=1)
    assert wa.run("fsutil file createnew C:\\half.bin 10")[0] != 0
    assert (drive(site, "wa") / "half.bin").stat().st_size == 5


def test_a_hanging_program_ends_with_its_caller(site, wa):
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


# Power -------------------------------------------------------------------------------------------------------------


def test_down_leaves_no_process_and_keep_finds_the_files_again(lab_up, tmp_path):
    lab = lab_up(tmp_path, {"name": "one", "stations": {"wc": STATION}})
    with shell(lab, "wc") as client:
        client.run("echo kept>C:\\kept.txt")
        client.start("ping -n 60 127.0.0.1")
    assert list(processes(f"WINEPREFIX={lab.state}"))
    lab("down")
    assert not list(processes(f"WINEPREFIX={lab.state}"))
    assert (lab.root("wc") / "c/kept.txt").read_bytes() == b"kept\r\n"


def test_a_power_cut_ends_all_and_the_station_comes_back_where_it_was(lab_up, tmp_path):
    lab = lab_up(tmp_path, {"name": "one", "stations": {"wd": STATION}})
    client = Client(protocol(lab.variables("wd")))
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
def test_an_ordinary_user_brings_a_station_up(tmp_path_factory, lab_up):
    """Seen on the endpoint that runs alone; its cache is of its own, since nobody may link another's files."""
    import json
    import subprocess
    import sys
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="ordinary."))
    folder.chmod(0o777)
    lab_package = Path(hostname.__file__).parents[2]
    process = subprocess.Popen(
        [*"setpriv --reuid=65534 --regid=65534 --clear-groups".split(), sys.executable, "-m", "impax_lab.windows.alone"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": str(lab_package),
             "PYTHONDONTWRITEBYTECODE": "1", "IMPAX_LAB_CACHE": str(folder / "cache")},
        stdout=subprocess.PIPE, cwd=folder,
    )  # fmt: skip
    try:
        variables = json.loads(process.stdout.readline())
        client = Client(protocol(variables))
        assert client.run("whoami") == (0, b"alone\\impax\r\n", b"")
    finally:
        process.terminate()
        process.wait(20)
        subprocess.run(["rm", "-rf", str(folder)], check=True)
