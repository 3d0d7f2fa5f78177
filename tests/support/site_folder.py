# SPDX-License-Identifier: GPL-3.0-or-later
"""A site folder in a temporary place, and ansible-playbook or impax-prepare called in it as a person would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal, JournalMissing

BIN = Path(sys.executable).parent
PREPARE = "- name: Prepare\n  ansible.builtin.import_playbook: impax.upgrade.prepare\n"


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return f"{self.out}\n{self.err}"


@dataclass
class Site:
    """root: the site folder. Nothing in it can be reached: its stations have addresses where nobody listens."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / "state"

    def hosts(self, text: str) -> Site:
        self._write("site/hosts.yml", text)
        return self

    def variables(self, text: str, name: str = "all") -> Site:
        self._write(f"site/group_vars/{name}.yml", text)
        return self

    def _write(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def playbook(self, *words: str, name: str = "prepare.yml", **environment: str) -> Said:
        self._write("prepare.yml", PREPARE)
        return self.call("ansible-playbook", name, "-i", "site", *words, **environment)

    def prepare(self, command: str, *words: str, **environment: str) -> Said:
        return self.call("impax-prepare", command, str(self.root), *words, **environment)

    def call(self, program: str, *words: str, **environment: str) -> Said:
        done = subprocess.run(
            [str(BIN / program), *words],
            cwd=self.root,
            env={**os.environ, "ANSIBLE_NOCOLOR": "1", **environment},
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def report(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads((self.root / "report" / "report.json").read_text(encoding="utf-8"))
        return read

    def kinds(self) -> list[str]:
        """The kinds of the journal's entries; none when there is no journal yet."""
        try:
            return [entry["kind"] for entry in Journal.open(self.state).entries()]
        except JournalMissing:
            return []

    def wait_for(self, kind: str) -> None:
        """Until the journal has an entry of that kind; not for ever."""
        for _attempt in range(200):
            if kind in self.kinds():
                return
            time.sleep(0.1)
        raise TimeoutError(f"no {kind} in the journal: {self.kinds()}")

    def row(self, section: str, station: str) -> dict[str, Any]:
        rows = next(one["stations"] for one in self.report()["sections"] if one["id"] == section)
        found: dict[str, Any] = next(one for one in rows if one["station"] == station)
        return found


EMPTY = "all:\n  children:\n    as3000: {hosts: {}}\n"
UNREACHABLE = """
all:
  children:
    as3000:
      hosts:
        as3000: {ansible_host: 127.0.0.1, ansible_port: 1}
        as3001: {ansible_host: 127.0.0.1, ansible_port: 2}
  vars:
    impax_site: demo
    impax_audit_folder: /backup
    impax_dbadmin_password: nobody's
    impax_absent: {as300_sqlserver: there is none, as300_oracle: there is none}
    ansible_connection: ssh
    ansible_user: root
    ansible_ssh_common_args: -oBatchMode=yes -oConnectTimeout=2
"""
