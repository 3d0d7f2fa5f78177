# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms and doors hold in this checkout, and each rule of theirs is seen to refuse what it is there for."""

import pytest
from support import rooms
from support.repo import ROOT

PLANTED = {
    "plugins/plugin_utils/command.py": {
        "import ansible": "imports ansible",
        "import os": "imports os",
        "from .findings import Finding": "imports findings",
    },
    "plugins/plugin_utils/programs/bcp.py": {
        "from ansible.utils.display import Display": "imports ansible",
        "from ..executor import Station": "imports executor",
        "from ..findings import Finding": "imports findings",
        "from ..shells.bourne import quote": "imports shells",
        "import subprocess": "imports subprocess",
        "import shlex": "imports shlex",
        "Command(['osql', '\"x\"'])": "a quote character",
        "def f(verdict):\n    return Verdict.OK": "judges (Verdict)",
        "x = open('f')": "calls open()",
        "x = datetime.now()": "asks the clock",
    },
    "plugins/plugin_utils/rules/audit.py": {
        "from ..programs import bcp": "imports programs",
        "from ..command import Command": "imports command",
        "x = Command(['df'])": "builds a Command",
        "words = ['-T']": "a program's flag",
        "words = ['/Q']": "a program's flag",
        "import pathlib": "imports pathlib",
        "print(1)": "calls print()",
    },
    "plugins/plugin_utils/shells/bourne.py": {
        "from ..programs.bcp import read": "imports programs",
        "if word == 'sqlplus': pass": "knows a program",
        "import subprocess": "imports subprocess",
    },
    "plugins/plugin_utils/executor/posix.py": {
        "from ..programs import df": "imports programs",
        "from ..rules import audit": "imports rules",
        "x = 'bcp'": "knows a program",
        "x = secret.reveal()": "opens a secret",
        "import paramiko": "imports paramiko",
    },
    "plugins/action/bcp.py": {
        "import re": "imports re",
        "from re import match": "imports re",
        "x = Command(('bcp',))": "builds a Command",
        "from ..plugin_utils.command import scrub": "takes scrub from command",
        "x = password.reveal()": "opens a secret",
        "import subprocess": "imports subprocess",
        "from ..plugin_utils.shells import bourne": "imports shells",
        "from ..plugin_utils.executor import quiet": "takes quiet from executor",
        "from ..plugin_utils.journal import Journal": "imports journal",
    },
    "plugins/plugin_utils/tables/oracle.py": {
        "import re": "imports re",
        "x = Command(words=('exp',))": "builds a Command",
    },
    "plugins/plugin_utils/action.py": {
        "from .programs import bcp": "imports programs",
        "from .rules import audit": "takes audit from rules",
        "x = 'exp'": "knows a program",
        "path.write_text('x')": "only journal and report write",
        "open(path, 'a')": "only journal and report write",
        "path.open(mode='wb')": "only journal and report write",
        "import os\nos.replace(a, b)": "only journal and report write",
        "import tempfile": "only journal and report write",
    },
    "plugins/plugin_utils/journal.py": {"from .programs import bcp": "imports programs"},
    "plugins/plugin_utils/report/page.py": {"import requests": "imports requests"},
    "plugins/plugin_utils/report/parts.py": {"path.write_text('x')": "only journal and report write"},
    "plugins/plugin_utils/sections.py": {
        "import os": "imports os",
        "from .journal import Journal": "takes Journal from journal",
    },
    "plugins/action/readiness.py": {
        "from ..plugin_utils.executor import Station": "imports executor",
        "from ..plugin_utils.programs import bcp": "imports programs",
    },
    "plugins/connection/winrm_cmd.py": {"from ..plugin_utils.programs import bcp": "imports programs"},
    "plugins/modules/bcp.py": {"def main(): pass": "code in a documentation module"},
    "plugins/plugin_utils/elsewhere.py": {"x = 1": "stands in no room"},
    "python_runner/impax_prepare/cli.py": {
        "from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import bcp": "imports programs",
        "from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import audit": "takes audit from rules",
        "import impax_lab": "imports impax_lab",
        "import ansible": "imports ansible",
    },
    "lab/impax_lab/programs/bcp.py": {
        "from ansible_collections.impax.upgrade.plugins.plugin_utils import command": "imports ansible_collections",
        "import ansible": "imports ansible",
    },
}
CASES = [(path, source, said) for path, sources in PLANTED.items() for source, said in sources.items()]


def test_everything_stands_in_its_room():
    assert rooms.violations(ROOT) == []


@pytest.mark.parametrize(("path", "source", "said"), CASES, ids=[f"{path}-{said}" for path, _, said in CASES])
def test_what_stands_in_the_wrong_room_is_named(tmp_path, path, source, said):
    planted = tmp_path / path
    planted.parent.mkdir(parents=True)
    planted.write_text(f"{source}\n")
    assert [one for one in rooms.violations(tmp_path) if one.startswith(f"{path}:") and said in one]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("plugins/plugin_utils/programs/bcp.py", "import re\nfrom ..command import Command\nCommand(('bcp', '-c'))"),
        ("plugins/plugin_utils/programs/osql.py", "Command(('osql',), stdin=\"select 'a'\")"),
        (
            "plugins/action/bcp.py",
            "from ..plugin_utils.executor import Station\nfrom ..plugin_utils.rules import audit",
        ),
        ("plugins/plugin_utils/journal.py", "import os\nos.open('f', os.O_WRONLY)"),
        ("lab/impax_lab/programs/bcp.py", "import subprocess\nfrom impax_lab import calls"),
    ],
)
def test_what_stands_in_its_room_is_left_alone(tmp_path, path, source):
    planted = tmp_path / path
    planted.parent.mkdir(parents=True)
    planted.write_text(f"{source}\n")
    assert rooms.violations(tmp_path) == []


def test_every_room_is_in_use():
    """A pattern that matches nothing guards nothing."""
    empty = {room.name for room in rooms.ROOMS if not room.within(ROOT)}
    assert empty == set()
