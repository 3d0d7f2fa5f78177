# SPDX-License-Identifier: GPL-3.0-or-later
"""passkey, exp and bcp by themselves, in a playbook of one's own."""

from __future__ import annotations

import json
import subprocess

import pytest
import yaml
from support.audit_site import BIN, TABLE, site_of

ROWS = 60
CONNECTED = {"table": TABLE}
EXP = {
    "folder": "/backup/audit",
    "account": "dbadmin",
    "password": "{{ impax_dbadmin_password }}",
    "os_user": "service",
}
BCP = {
    "folder": "D:\\audit",
    "account": "sa",
    "passkey": "C:\\mvf\\bin\\passkey.exe",
    "verify_instance": {"station": "verify"},
}


@pytest.fixture(scope="module")
def lab(lab_up, tmp_path_factory):
    return lab_up(tmp_path_factory.mktemp("modules"), site_of("as3000", "as300", "verify", rows=ROWS))


@pytest.fixture
def play(lab, tmp_path, ansible_environment):
    def run(host: str, module: str, options: dict, *more: str) -> tuple[dict, str]:
        """The module's result, and everything that was printed at -vvvv."""
        tasks = [
            {"name": "The module", f"impax.upgrade.{module}": options, "register": "seen"},
            {"name": "Keep", "ansible.builtin.copy": {"content": "{{ seen | to_json }}", "dest": str(tmp_path / "seen.json")},
             "delegate_to": "localhost", "vars": {"ansible_connection": "local"}, "check_mode": False},
        ]  # fmt: skip
        (tmp_path / "play.yml").write_text(
            yaml.safe_dump([{"name": "Play", "hosts": host, "gather_facts": False, "tasks": tasks}])
        )
        words = [
            BIN / "ansible-playbook",
            "-vvvv",
            tmp_path / "play.yml",
            "-i",
            lab.state / "inventory",
            "--limit",
            host,
            *more,
        ]
        state = ["-e", f"impax_state={lab.state}/modules-state"]
        ran = subprocess.run(
            [*words, *state], capture_output=True, text=True, timeout=180, env=ansible_environment, check=False
        )
        assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
        return json.loads((tmp_path / "seen.json").read_text()), ran.stdout + ran.stderr

    return run


def test_passkey_says_whether_and_never_what(play):
    result, printed = play("as300", "passkey", {"account": "sa"})
    assert (result["verdict"], result["changed"]) == ("ok", False)
    assert "sa-Lab-9043" not in printed and "sa-Lab-9043" not in json.dumps(result)
    result, _ = play("as300", "passkey", {"account": "nobody-of-this-name"})
    assert result["verdict"] == "unknown"


@pytest.mark.parametrize(
    "host, module, options, program", [("as3000", "exp", EXP, "exp"), ("as300", "bcp", BCP, "bcp")], ids=["exp", "bcp"]
)
def test_an_export_is_proved_once_and_not_made_again(lab, play, host, module, options, program):
    foretold, _ = play(host, module, CONNECTED | options, "--check")
    assert foretold["changed"] and foretold["findings"][-1]["would"]
    assert not lab.calls(host, program)
    first, printed = play(host, module, CONNECTED | options)
    assert (first["verdict"], first["changed"], first["export"]["rows"]) == ("changed", True, ROWS)
    made = len(lab.calls(host, program))
    again, _ = play(host, module, CONNECTED | options)
    assert (again["verdict"], again["changed"], again["export"]) == ("ok", False, first["export"])
    assert len(lab.calls(host, program)) == made
    assert next(iter(lab.sql(host, f"select count(*) as n from {TABLE}")[0].values())) == ROWS
    assert "dbadmin-Lab-7391" not in printed and "sa-Lab-9043" not in printed


def test_a_named_file_that_is_there_is_not_overwritten(lab, play):
    taken = lab.root("as3000") / "backup/audit/mine.dmp"
    taken.parent.mkdir(parents=True, exist_ok=True)
    taken.write_bytes(b"somebody's own")
    options = CONNECTED | EXP | {"file": "mine.dmp", "margin_percent": 21}
    subprocess.run(["rm", "-rf", lab.state / "modules-state"], check=True)
    result, _ = play("as3000", "exp", options)
    assert result["verdict"] == "blocker" and "exists already" in result["msg"]
    assert taken.read_bytes() == b"somebody's own"
