# SPDX-License-Identifier: GPL-3.0-or-later
"""Every role is described as far as it is used, every action has its documentation, and they say the same."""

import importlib

import pytest
from support import documented, roles
from support.repo import ROOT

GOOD = {
    "README.md": "# impax.upgrade.as3000",
    "meta/argument_specs.yml": "argument_specs: {audit: {options: {impax_folder: {description: Where., type: str}}}}",
    "tasks/audit.yml": "- name: x\n  debug: {msg: '{{ impax_folder }}'}",
}
BROKEN = {
    "README.md that names it": {"README.md": None},
    "has no README": {"README.md": "something else"},
    "tasks/more.yml has no entry point": {"tasks/more.yml": "[]"},
    "the entry point audit has no tasks/audit.yml": {"tasks/audit.yml": None},
    "reads impax_other": {"tasks/audit.yml": "- debug: {msg: '{{ impax_other }}'}"},
    "has no description": {"meta/argument_specs.yml": "argument_specs: {audit: {options: {impax_folder: {}}}}"},
}


def write_role(root, files):
    for path, text in files.items():
        file = root / "roles" / "as3000" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if text is not None:
            file.write_text(text)
    (root / "roles" / "as3000" / "tasks").mkdir(parents=True, exist_ok=True)
    return roles.role_violations(root)


def test_every_role_is_described():
    assert roles.role_violations(ROOT) == []


def test_a_described_role_is_left_alone(tmp_path):
    assert write_role(tmp_path, GOOD) == []


@pytest.mark.parametrize(("said", "change"), BROKEN.items(), ids=BROKEN.keys())
def test_a_role_that_is_not_described_is_named(tmp_path, said, change):
    assert [one for one in write_role(tmp_path, {**GOOD, **change}) if said in one]


def test_every_action_has_its_documentation_and_every_documentation_its_action():
    assert roles.twin_violations(ROOT) == []


def test_a_missing_twin_is_named(tmp_path):
    for path in ("plugins/action/exp.py", "plugins/modules/bcp.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text('DOCUMENTATION = "x"\n')
    assert roles.twin_violations(tmp_path) == [
        "plugins/action/exp.py has no plugins/modules/exp.py",
        "plugins/modules/bcp.py has no plugins/action/bcp.py",
        "plugins/modules/bcp.py has no EXAMPLES",
        "plugins/modules/bcp.py has no RETURN",
    ]


def spec_of(name):
    """The options that an action takes, those of its base included."""
    action = importlib.import_module(f"ansible_collections.impax.upgrade.plugins.action.{name}")
    base = importlib.import_module("ansible_collections.impax.upgrade.plugins.plugin_utils.action")
    if issubclass(action.ActionModule, base.StationAction):
        return {**base.SHARED_SPEC, **action.ActionModule.ARGUMENT_SPEC}
    return action.ARGUMENT_SPEC


ACTIONS = sorted(file.stem for file in (ROOT / "plugins/action").glob("[a-z]*.py"))


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_takes_what_its_documentation_says(name):
    told = documented.documentation(f"impax.upgrade.{name}", ROOT)["options"]
    taken = spec_of(name)
    assert taken
    assert {option: comparable(of) for option, of in taken.items()} == {
        option: comparable(of) for option, of in told.items()
    }


def comparable(of):
    return {
        "type": of.get("type", "str"),
        "required": bool(of.get("required", False)),
        "default": of.get("default"),
        "choices": of.get("choices"),
        "elements": of.get("elements"),
        "within": {name: comparable(sub) for name, sub in (of.get("options") or of.get("suboptions") or {}).items()},
    }
