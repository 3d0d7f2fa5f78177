# SPDX-License-Identifier: GPL-3.0-or-later
"""The WinRM service: who may come in, and what it says when something is not there."""

from __future__ import annotations

import time

import pytest
import requests
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WSManFaultError

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("transport", ["ntlm", "basic"])
@pytest.mark.parametrize("user", ["AgfaService", "agfaservice", "WA\\AgfaService", "Administrator"])
def test_accounts_of_the_site_log_on(site, transport, user, shell):
    password = "adm-Lab-1" if user == "Administrator" else "agfa:Lab-5561"
    with shell(site, transport=transport, username=user, password=password) as client:
        bare = user.rpartition("\\")[2].lower()
        assert client.run("whoami") == (0, f"wa\\{bare}\r\n".encode(), b"")


@pytest.mark.parametrize("transport", ["ntlm", "basic"])
@pytest.mark.parametrize(("user", "password"), [("AgfaService", "wrong"), ("nobody", "x"), ("Former", "old-Lab-1")])
def test_others_do_not(site, transport, user, password, protocol):
    with pytest.raises(InvalidCredentialsError):
        protocol(site.variables("wa"), transport, username=user, password=password).open_shell()


def test_basic_is_refused_where_it_is_switched_off(site, protocol):
    with pytest.raises(InvalidCredentialsError):
        protocol(site.variables("wb"), "basic").open_shell()


def test_ntlm_messages_are_sealed_on_http(site, protocol, new_client):
    """What travels is not readable: the body that the client sends holds no word of the command."""
    one = protocol(site.variables("wa"), "ntlm", message_encryption="always")
    sent = []
    session = one.transport.build_session()
    original = session.send
    session.send = lambda request, **how: sent.append(request.body or b"") or original(request, **how)
    client = new_client(one)
    assert client.run("echo marker-of-the-test")[1] == b"marker-of-the-test\r\n"
    one.close_shell(client.shell)
    assert len(sent) > 3
    assert not any(b"marker" in body for body in sent)


def test_https_with_the_stations_own_certificate(site, protocol, shell):
    with shell(site, "wb") as client:
        assert client.run("hostname") == (0, b"wb\r\n", b"")
    with pytest.raises(requests.exceptions.SSLError):
        protocol({**site.variables("wb"), "ansible_winrm_ca_trust_path": None}).open_shell()


def fault(call) -> tuple[int, str]:
    with pytest.raises(WSManFaultError) as raised:
        call()
    return raised.value.wsman_fault_code, raised.value.fault_subcode


def test_what_is_not_there_is_named(site, wa):
    assert fault(lambda: wa.protocol.run_command("0" * 8, "ver")) == (2150858843, "w:InvalidSelectors")
    code, subcode = fault(lambda: wa.protocol.get_command_output_raw(wa.shell, "0" * 8))
    assert (code, subcode) == (87, "w:InvalidParameter")


def test_a_closed_shell_is_gone(site, shell):
    with shell(site) as client:
        pass
    assert fault(lambda: client.start("ver"))[0] == 2150858843


def test_nobody_uses_anothers_shell(site, wa, protocol):
    other = protocol(site.variables("wa"), username="Administrator", password="adm-Lab-1")
    assert fault(lambda: other.run_command(wa.shell, "ver")) == (5, "w:AccessDenied")


def test_a_receive_that_gets_nothing_times_out_and_the_command_runs_on(site, shell):
    with shell(site, operation_timeout_sec=1) as client:
        command = client.start("ping -n 3 127.0.0.1 >nul & exit 5")
        with pytest.raises(WinRMOperationTimeoutError):
            client.protocol.get_command_output_raw(client.shell, command)
        assert client.protocol.get_command_output(client.shell, command)[2] == 5


def test_one_shell_too_many_is_refused(site, protocol, shell, new_client):
    clients = [new_client(protocol(site.variables("wb"))) for _ in range(3)]
    assert fault(lambda: new_client(protocol(site.variables("wb")))) == (2150859174, "w:QuotaLimit")
    for client in clients:
        client.protocol.close_shell(client.shell)
    with shell(site, "wb") as client:
        assert client.run("exit 0")[0] == 0


def test_an_idle_shell_is_forgotten(site, shell):
    with pytest.raises(WSManFaultError), shell(site, idle_timeout="PT1S") as client:
        assert client.run("ping -n 3 127.0.0.1 >nul")[0] == 0  # busy is not idle
        time.sleep(2.0)
        client.run("ver")


def test_another_path_or_no_xml_is_no_service(site):
    variables = site.variables("wa")
    auth = (variables["ansible_user"], variables["ansible_password"])
    url = f"http://127.0.0.1:{variables['ansible_port']}"
    assert requests.post(f"{url}/other", data="", auth=auth, timeout=10).status_code == 404
    answer = requests.post(f"{url}/wsman", data="<no", auth=auth, timeout=10)
    assert answer.status_code == 500
    assert "SchemaValidationError" in answer.text
