# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing secret is shown by ansible-playbook, at the greatest verbosity and with Ansible's own debugging switched on.

The transport is used without the executor's Station, which would keep Ansible quiet: the connection shows nothing itself.
"""

from __future__ import annotations

import subprocess

import pytest
from support import windows_site

pytestmark = [pytest.mark.lab]

SITE = {"name": "secrets", "stations": {"win": windows_site.station(password="CANARY-logon")}}
PLAYBOOK = """
- hosts: win
  gather_facts: false
  tasks:
    - carry:
    - ansible.builtin.raw: exit 3
      register: ended
      failed_when: ended.rc != 3
"""
ACTION = '''
"""Sends a secret by each way that a command has, also by one that fails."""
from ansible.plugins.action import ActionBase
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, Secret
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.choose import transport

VALUE = "CANARY" + "-7c1 & 100%"


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        carrier = transport(self._connection, lambda name, default: task_vars.get(name, default))
        secret = Secret(VALUE, "password")
        plain = Secret(VALUE.replace("%", ""), "password")
        told = [
            *carrier.run([Command(("findstr", "^"), stdin=secret)]),
            *carrier.run([Command(("cmd.exe", "/c", "set", "IMPAX_PW"), environment={"IMPAX_PW": secret})]),
            *carrier.run([Command(("hostname",)), Command(("cmd.exe", "/c", "echo", plain), withheld=True)]),
            *carrier.run([Command(("words", secret))]),
            *carrier.run([Command(("nosuchprogram", secret))]),
            *carrier.run([Command(("nosuchprogram", plain), stdin=secret, environment={"IMPAX_PW": secret})]),
            *carrier.run([Command(("findstr", "^", "C:\\\\impax-jobs\\\\x"), stdin=secret, creates="C:\\\\impax-jobs\\\\x")]),
            carrier.start_job("secret", Command(("findstr", "^"), stdin=secret, environment={"IMPAX_PW": secret})),
        ]
        carrier.connection.use_codepage(437)
        return {"states": [outcome.state.value for outcome in told], "there": [VALUE in told[n].out for n in (0, 1)]}
'''
EXPECTED = '"states": ["ended", "ended", "ended", "ended", "ended", "not begun", "ended", "ended", "ended"]'


@pytest.fixture(scope="module")
def lab(lab_up, tmp_path_factory):
    return lab_up(tmp_path_factory.mktemp("secrets"), SITE)


@pytest.mark.parametrize("way", ["ntlm", "basic"])
def test_nothing_secret_is_shown(lab, ansible_environment, tmp_path, way):
    windows_site.place_words_program(lab.root("win"), tmp_path)
    (tmp_path / "action_plugins").mkdir()
    (tmp_path / "action_plugins" / "carry.py").write_text(ACTION)
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    carrier = windows_site.carrier(lab.variables("win"))
    carrier.forget_job("secret")
    carrier.connection.close()
    log = tmp_path / "ansible.log"
    ran = subprocess.run(
        [
            "ansible-playbook",
            "-vvvvvv",
            "-i",
            lab.state / "inventory",
            "play.yml",
            "-e",
            f"ansible_winrm_transport={way}",
        ],
        cwd=tmp_path,
        env=ansible_environment
        | {"ANSIBLE_DEBUG": "1", "ANSIBLE_LOG_PATH": str(log), "ANSIBLE_ACTION_PLUGINS": "action_plugins"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    shown = ran.stdout + ran.stderr + log.read_text()
    assert ran.returncode == 0, shown[-4000:]
    assert "".join(EXPECTED.split()) in "".join(ran.stdout.split()) and '"there":[true,true]' in "".join(
        ran.stdout.split()
    )
    assert "ESTABLISH WINRM CONNECTION" in shown
    assert [line for line in shown.splitlines() if "CANARY" in line] == []
