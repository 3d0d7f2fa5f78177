# SPDX-License-Identifier: GPL-3.0-or-later
"""The 36 sections stand in one order everywhere: in the table, in the playbooks, on the page that maps them."""

import pytest
import yaml
from ansible_collections.impax.upgrade.plugins.plugin_utils import stages
from ansible_collections.impax.upgrade.plugins.plugin_utils.sections import EVERY, SECTIONS, SERVER_TYPES, SITE
from support.repo import ROOT

PLAYBOOKS = ROOT / "playbooks"
ORDER = stages.order((PLAYBOOKS / "prepare.yml").read_text())
MAP = yaml.safe_load((ROOT / "docs" / "seed-map.yml").read_text())


def test_there_are_36():
    assert [section.id for section in SECTIONS] == [f"S{number:02}" for number in range(1, 37)]
    assert len({section.title for section in SECTIONS}) == 36


def test_they_apply_to_known_server_types():
    used = {name for section in SECTIONS for name in section.server_types}
    assert not used - {*SERVER_TYPES, SITE, EVERY}
    assert all(section.server_types for section in SECTIONS)


def test_the_order_of_the_stages():
    assert (
        *("assess", "protect", "repository", "install", "interlock", "backup", "schema", "traveling", "audit"),
        "report",
    ) == ORDER
    assert {section.stage for section in SECTIONS} == set(ORDER) - {"report"}


@pytest.mark.parametrize("text", ["", "[]", "- ansible.builtin.import_playbook: other.yml"])
def test_a_playbook_without_stages_is_an_error(text):
    with pytest.raises(ValueError, match="no stage"):
        stages.order(text)


def plays_of(stage):
    return yaml.safe_load((PLAYBOOKS / "stages" / f"{stage}.yml").read_text())


@pytest.mark.parametrize("stage", [stage for stage in ORDER if stage != "report"])
def test_a_stage_takes_up_its_sections(stage):
    due = plays_of(stage)[0]["tasks"][0]
    ids = [section.id for section in SECTIONS if section.stage == stage]
    assert due["tags"] == ids
    assert due["impax.upgrade.readiness"] == {"state": "due", "stage": stage, "sections": ids}


def done_in_playbooks():
    return {
        (task["tags"][0], task["block"][0]["ansible.builtin.import_role"]["name"], task["when"])
        for stage in ORDER
        for play in plays_of(stage)
        for task in play["tasks"]
        if "block" in task
    }


def test_what_is_built_is_played_and_nothing_else():
    built = [section for section in SECTIONS if section.action]
    assert done_in_playbooks() == {
        (section.id, f"impax.upgrade.{name}", f"'{name}' in group_names")
        for section in built
        for name in section.server_types
    }


def test_a_section_that_fails_leaves_a_row_and_not_the_whole_play():
    for stage in ORDER:
        for play in plays_of(stage):
            for task in play["tasks"]:
                if "block" in task:
                    rescue = task["rescue"][0]["impax.upgrade.readiness"]
                    assert (rescue["state"], rescue["section"]) == ("failed", task["tags"][0])
                    assert play["ignore_unreachable"] is True


# docs/seed-map.yml


def test_the_map_has_every_section():
    assert list(MAP) == [section.id for section in SECTIONS]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
def test_the_map_says_the_same(section):
    said = MAP[section.id]
    assert (said["title"], said["stage"], tuple(said["server_types"])) == (
        section.title,
        section.stage,
        section.server_types,
    )
    assert said.get("action") == section.action


@pytest.mark.parametrize("section", [section for section in SECTIONS if section.action], ids=lambda section: section.id)
def test_what_the_map_names_is_there(section):
    said = MAP[section.id]
    assert (ROOT / "plugins" / "action" / f"{said['action']}.py").exists()
    for kind in ("programs", "rules"):
        for name in said[kind]:
            assert (ROOT / "plugins" / "plugin_utils" / kind / f"{name}.py").exists(), name
    for file in said["role_files"]:
        assert (ROOT / "roles" / file).exists(), file
    assert said["impact"]
    assert said["way_back"]
