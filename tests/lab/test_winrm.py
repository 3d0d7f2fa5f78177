# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection and the executor against a WinRM service: log-ons, streams, time-outs, shells, files."""

from __future__ import annotations

import hashlib
import os
import time

import pytest
from ansible.errors import AnsibleError, AnsibleFileNotFound
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, Secret, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import TransferFailed
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.windows_failures import (
    NothingSent,
    TimedOut,
    WrongCredentials,
)
from support import windows_site

pytestmark = [pytest.mark.lab]

SITE = {
    "name": "winrm",
    "stations": {
        "plain": windows_site.station(),
        "sealed": windows_site.station(options={"winrm": {"unencrypted": False, "basic": False}}),
        "https": windows_site.station(options={"winrm": {"scheme": "https", "tls": "1.2"}}),
        "old": windows_site.station(release="5.2.3790", options={"winrm": {"scheme": "https", "tls": "1.0"}}),
    },
}
NTLM, BASIC = {"ansible_winrm_transport": "ntlm"}, {"ansible_winrm_transport": "basic"}
ALL_BYTES = bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"") + b"\n"


@pytest.fixture(scope="module")
def lab(lab_up, tmp_path_factory):
    return lab_up(tmp_path_factory.mktemp("winrm"), SITE)


@pytest.fixture
def to(lab):
    """to(station, **variables): a transport, closed at the end."""
    made = []

    def carrier(station: str, **differs):
        made.append(windows_site.carrier(lab.variables(station), **differs))
        return made[-1]

    yield carrier
    for each in made:
        each.connection.close()


@pytest.mark.parametrize(
    ("station", "differs"),
    [
        ("plain", NTLM),
        ("plain", BASIC),
        ("sealed", NTLM),
        ("sealed", {**NTLM, "ansible_winrm_message_encryption": "always"}),
        ("https", NTLM),
        ("https", BASIC),
        ("https", {"ansible_winrm_transport": "ssl"}),
        ("old", {**NTLM, "ansible_winrm_tls_minimum": "1.0"}),
    ],
)
def test_each_way_to_log_on(to, station, differs):
    outcomes = to(station, **differs).run([Command(("whoami",)), Command(("cmd.exe", "/c", "exit", "3010"))])
    assert outcomes[0].out.strip().endswith("\\impax") and outcomes[1].exit_code == 3010


@pytest.mark.parametrize("differs", [BASIC, {**NTLM, "ansible_winrm_message_encryption": "never"}])
def test_nothing_in_clear_where_the_station_forbids_it(to, differs):
    (outcome,) = to("sealed", **differs).run([Command(("whoami",))])
    assert outcome.state is State.NOT_BEGUN


@pytest.mark.parametrize("differs", [{"ansible_winrm_ca_trust_path": None}, {"ansible_winrm_tls_minimum": "1.2"}])
def test_a_certificate_that_is_not_trusted_and_an_old_tls_are_said(to, differs):
    station = "old" if "ansible_winrm_tls_minimum" in differs else "https"
    (outcome,) = to(station, **differs).run([Command(("whoami",))])
    assert outcome.state is State.NOT_BEGUN and "TLS" in outcome.why


@pytest.mark.parametrize("way", [NTLM, BASIC])
@pytest.mark.parametrize("wrong", [{"ansible_password": "Wrong-1"}, {"ansible_user": "nobody"}])
def test_a_refused_log_on_is_said_and_not_tried_again(to, way, wrong):
    carrier = to("plain", **way, **wrong)
    (outcome,) = carrier.run([Command(("whoami",))])
    assert outcome.state is State.NOT_BEGUN and "log-on" in outcome.why
    with pytest.raises(WrongCredentials):
        carrier.connection.run("whoami")


def test_a_closed_port_means_that_nothing_was_sent(to):
    (outcome,) = to("plain", ansible_port=1).run([Command(("whoami",))])
    assert outcome.state is State.NOT_BEGUN
    with pytest.raises(NothingSent):
        to("plain", ansible_port=1).connection.run("whoami")


def test_an_unknown_path_means_that_nothing_was_sent(to):
    (outcome,) = to("plain", ansible_winrm_path="/elsewhere").run([Command(("whoami",))])
    assert outcome.state is State.NOT_BEGUN


@pytest.mark.parametrize("way", [NTLM, BASIC])
def test_a_megabyte_both_ways_is_the_same_byte_for_byte(to, way):
    sent = ALL_BYTES * (1_000_000 // len(ALL_BYTES))
    code, out, err = to("plain", **way).connection.run('findstr "^"', stdin=sent, timeout=60)
    assert (code, len(out), err) == (0, len(sent), b"")
    assert hashlib.sha256(out).digest() == hashlib.sha256(sent).digest()


def test_output_is_in_the_stations_code_page_and_strange_bytes_survive(to):
    carrier = to("plain")
    echoed, strange = carrier.run([Command(("echo", "é"), builtin=True), Command(("findstr", "^"), stdin="ü\n")])
    assert (echoed.stdout, echoed.out) == (b'"\x82"\r\n', '"é"\n')
    assert (strange.stdout, strange.out) == (b"\x81\r\n", "ü\n")


@pytest.mark.parametrize(
    ("code", "seen"), [(0, 0), (1, 1), (255, 255), (256, 256), (3010, 3010), (-1, -1), (-1073741510, -1073741510)]
)
def test_exit_codes_are_signed_32_bit_numbers(to, code, seen):
    command = Command(("cmd.exe", "/c", "exit", str(code)))
    together, alone = to("plain").run([command, Command(command.words, environment={"A": "b"})])
    assert (together.exit_code, alone.exit_code) == (seen, seen)


def test_a_command_with_variables_has_a_shell_of_its_own(to):
    carrier = to("plain")
    variables = {"IMPAX_PW": Secret('a&b|c^d!e"f', "password"), "IMPAX_B": "2"}
    set_there, not_here = carrier.run(
        [
            Command(("cmd.exe", "/c", "set", "IMPAX_"), environment=variables),
            Command(("cmd.exe", "/c", "set", "IMPAX_PW")),
        ]
    )
    assert set_there.out == 'IMPAX_B=2\nIMPAX_PW=a&b|c^d!e"f\n'
    assert not_here.exit_code == 1


def test_a_folder_of_its_own(to):
    there, elsewhere, nowhere = to("plain").run(
        [
            Command(("cd",), builtin=True, folder="C:\\windows"),
            Command(("cd",), builtin=True),
            Command(("cd",), builtin=True, folder="C:\\none"),
        ]
    )
    assert there.out.strip().lower() == "c:\\windows" and elsewhere.out.strip().lower() != "c:\\windows"
    assert nowhere.state is State.NOT_BEGUN


def test_a_program_without_input_reads_an_empty_one(to):
    outcomes = to("plain").run(
        [Command(("findstr", "^")), Command(("findstr", "^"), environment={"A": "b"}), Command(("findstr", "%OS%"))]
    )
    assert [outcome.exit_code for outcome in outcomes] == [1, 1, 1]


def test_time_is_up_for_a_command_of_its_own(to):
    with pytest.raises(TimedOut) as caught:
        to("plain").connection.run("echo begun& ping -n 61 127.0.0.1 >nul", timeout=3)
    assert caught.value.drained and caught.value.stdout.startswith(b"begun")


def test_time_is_up_for_one_of_a_batch(to, lab, monkeypatch):
    monkeypatch.setattr("ansible_collections.impax.upgrade.plugins.plugin_utils.executor.windows.SETTLING", 0.0)
    wait = ("ping", "-n", "61", "127.0.0.1")
    began = time.monotonic()
    carrier = to("plain")
    outcomes = carrier.run(
        [Command(("whoami",)), Command(wait, timeout=3), Command(("hostname",)), Command(("whoami",), stdin="x")]
    )
    assert time.monotonic() - began < 20
    assert [outcome.state for outcome in outcomes] == [State.ENDED, State.UNKNOWN, State.NOT_BEGUN, State.NOT_BEGUN]
    assert carrier.run([Command(("whoami",))])[0].as_expected


def test_each_command_of_a_batch_has_its_own_time(to, monkeypatch):
    monkeypatch.setattr("ansible_collections.impax.upgrade.plugins.plugin_utils.executor.windows.SETTLING", 0.0)
    wait = Command(("ping", "-n", "3", "127.0.0.1"), timeout=6)
    assert [outcome.exit_code for outcome in to("plain").run([wait] * 4)] == [0] * 4


def test_an_operation_of_the_service_may_time_out_many_times_in_one_command(to):
    carrier = to("plain", ansible_winrm_operation_timeout_sec=1)
    (outcome,) = carrier.run([Command(("ping", "-n", "5", "127.0.0.1"))])
    assert outcome.exit_code == 0


def test_a_shell_that_is_gone_is_opened_again(to):
    carrier = to("plain")
    carrier.run([Command(("whoami",))])
    conversation = carrier.connection.conversation
    conversation.protocol.close_shell(conversation._kept, close_session=False)
    assert carrier.run([Command(("whoami",))])[0].as_expected


def test_a_connection_that_was_idle_is_made_anew(to, monkeypatch):
    carrier = to("sealed")
    carrier.run([Command(("whoami",))])
    carrier.connection.conversation._used -= 60
    assert carrier.run([Command(("whoami",))])[0].as_expected


def test_an_ntlm_connection_that_was_closed_under_our_feet_is_made_anew(to):
    """The station does not know the session of a new connection, and refuses what it cannot decrypt."""
    carrier = to("sealed")
    carrier.run([Command(("whoami",))])
    session = carrier.connection.conversation.protocol.transport.session
    session.adapters["http://"].poolmanager.clear()
    assert carrier.run([Command(("whoami",))])[0].as_expected


def test_many_commands_keep_no_shell_but_one(to):
    carrier = to("plain")
    for number in range(8):
        (outcome,) = carrier.run([Command(("cmd.exe", "/c", "set", "A"), environment={"A": str(number)})])
        assert f"A={number}\n" in outcome.out


def test_another_account_is_refused_before_anything_is_sent(to, lab):
    outcomes = to("plain").run([Command(("whoami",), user="AgfaService"), Command(("whoami",), user="PLAIN\\Impax")])
    assert [outcome.state for outcome in outcomes] == [State.NOT_BEGUN, State.ENDED]
    assert "AgfaService" in outcomes[0].why


@pytest.mark.parametrize("size", [0, 1, 3, 1_000_003])
def test_a_file_goes_there_and_back(to, tmp_path, lab, size):
    carrier, local, back = to("plain"), tmp_path / "sent", tmp_path / "back"
    local.write_bytes(os.urandom(size))
    carrier.put(local, "D:\\a file & more.bin")
    carrier.fetch("D:\\a file & more.bin", back)
    assert back.read_bytes() == local.read_bytes() and back.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (lab.root("plain") / "d").iterdir()] == ["a file & more.bin"]


def test_a_file_in_several_parts(to, tmp_path, monkeypatch, lab):
    monkeypatch.setattr("ansible_collections.impax.upgrade.plugins.plugin_utils.executor.windows_files.PART", 30_000)
    local, back = tmp_path / "sent", tmp_path / "back"
    local.write_bytes(os.urandom(100_000))
    carrier = to("https")
    carrier.put(local, "C:\\parts.bin")
    carrier.fetch("C:\\parts.bin", back)
    assert back.read_bytes() == local.read_bytes()


def test_a_station_without_hashes_is_asked_for_the_file_twice(to, tmp_path):
    carrier = to("old", ansible_winrm_tls_minimum="1.0")
    local, back = tmp_path / "sent", tmp_path / "back"
    local.write_bytes(b"abc" * 1000)
    carrier.put(local, "C:\\old.bin")
    carrier.fetch("C:\\old.bin", back)
    assert back.read_bytes() == local.read_bytes()


def test_a_file_that_is_not_there(to, tmp_path):
    with pytest.raises(TransferFailed):
        to("plain").fetch("C:\\none.bin", tmp_path / "back")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "behaviour", ["cut_short", "says_done_does_nothing", "lying_zero", "disk_full", "empty_output"]
)
def test_a_tool_that_lies_does_not_get_a_file_through(to, tmp_path, lab, behaviour):
    """Where only the answer is lost, the file is fetched to be compared, and is whole."""
    carrier, local = to("plain"), tmp_path / "sent"
    local.write_bytes(os.urandom(5000))
    lab.inject("plain", "certutil", behaviour, nth=1)
    before = sorted(path.name for path in (lab.root("plain") / "d").iterdir())
    if behaviour == "empty_output":
        carrier.put(local, "D:\\lied.bin")
        assert (lab.root("plain") / "d" / "lied.bin").read_bytes() == local.read_bytes()
        return
    with pytest.raises(TransferFailed):
        carrier.put(local, "D:\\lied.bin")
    assert sorted(path.name for path in (lab.root("plain") / "d").iterdir()) == before


@pytest.mark.parametrize("path", ["C:\\a%b", "x.bin", "C:\\*.bin", 'C:\\a"b'])
def test_a_path_that_cannot_be_carried(to, tmp_path, path):
    (tmp_path / "sent").write_bytes(b"x")
    with pytest.raises(TransferFailed):
        to("plain").put(tmp_path / "sent", path)


def test_ansible_itself_copies_files_by_it(to, tmp_path):
    connection, back = to("plain").connection, tmp_path / "back"
    (tmp_path / "sent").write_bytes(b"\0\xff" * 500)
    connection.put_file(str(tmp_path / "sent"), "C:\\by ansible.bin")
    connection.fetch_file("C:\\by ansible.bin", str(back))
    assert back.read_bytes() == b"\0\xff" * 500
    with pytest.raises(AnsibleFileNotFound):
        connection.put_file(str(tmp_path / "none"), "C:\\x")
    with pytest.raises(AnsibleError):
        connection.fetch_file("C:\\none.bin", str(tmp_path / "none"))


def test_a_raw_command_that_is_too_long_for_cmd_is_an_error(to):
    with pytest.raises(AnsibleError, match="too long"):
        to("plain").connection.exec_command("echo " + "x" * 8000)
