# SPDX-License-Identifier: GPL-3.0-or-later
"""Every task of every role, playbook and scenario names a documented module and documented options."""

import pytest
from support import tasks
from support.repo import ROOT

MODULE = '''DOCUMENTATION = r"""
module: bcp
options:
  table: {type: str, required: true}
  way: {type: str, choices: [in, out]}
  target: {type: dict, suboptions: {station: {type: str}}}
extends_documentation_fragment: [impax.upgrade.station]
"""
'''
FRAGMENT = '''class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  section: {type: str}
"""
'''
GOOD = "impax.upgrade.bcp: {table: t, section: S36, way: out, target: {station: verify}}"
PLANTED = {
    "impax.upgrade.bcpp: {table: t}": "no documentation in modules/bcpp.py",
    "bcp: {table: t}": "bcp is neither of this collection nor of ansible.builtin",
    "community.general.ini_file: {path: x}": "community.general.ini_file is neither",
    "impax.upgrade.bcp: {table: t, tabel: x}": "has no option tabel",
    "impax.upgrade.bcp: {section: S36}": "needs table",
    "impax.upgrade.bcp: {table: t, way: sideways}": "way is 'sideways'",
    "impax.upgrade.bcp: {table: t, target: {statoin: x}}": "target has no option statoin",
    "impax.upgrade.bcp: table=t": "options as one string",
    "ansible.builtin.assert: {thatt: [true], that: [true]}": "has no option thatt",
    "ansible.builtin.get_urll: {url: x, dest: y}": "no documentation in modules/get_urll.py",
    "ansible.builtin.raw: df -k": "a command word outside of a program file",
    "ansible.builtin.shell: {cmd: df -k}": "a command word outside of a program file",
    "ansible.builtin.debug: {msg: \"{{ x.stdout | regex_search('a') }}\"}": "parses in Jinja",
    "ansible.builtin.assert: {that: [\"x is search('ok')\"]}": "parses in Jinja",
    "ansible.builtin.include_role: {name: as3000}": "the role as3000 is not named in full",
    "ansible.builtin.include_role: {name: impax.upgrade.as3000, tasks_from: gone}": "has no tasks/gone.yml",
    "ansible.builtin.include_tasks: gone.yml": "leads nowhere",
    "ansible.builtin.import_playbook: impax.upgrade.stages.gone": "leads nowhere",
    "when: true": "names 0 modules",
}


def planted(root, task):
    for path, text in {
        "plugins/modules/bcp.py": MODULE,
        "plugins/doc_fragments/station.py": FRAGMENT,
        "roles/as3000/tasks/main.yml": f"- name: One\n  block:\n    - name: Two\n      when: x | bool\n      {task}\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return tasks.violations(root)


def test_every_task_is_documented():
    assert tasks.violations(ROOT) == []


def test_there_are_tasks_to_look_at():
    seen = {tasks.module_of(task)[0] for task in tasks.tasks(ROOT)}
    assert "impax.upgrade.audit_table" in seen


def test_a_good_task_is_left_alone(tmp_path):
    assert planted(tmp_path, GOOD) == []


@pytest.mark.parametrize(("task", "said"), PLANTED.items(), ids=PLANTED.values())
def test_a_bad_task_is_named(tmp_path, task, said):
    assert [
        one for one in planted(tmp_path, task) if one.startswith("roles/as3000/tasks/main.yml: Two: ") and said in one
    ]
