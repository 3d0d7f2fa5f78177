# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that a station needs are those that the roles' specifications demand."""

from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.needed import entries, missing

SPECIFICATION = {
    "impax_folder": {"required": True, "description": ["Where it goes.", "More."]},
    "impax_bare": {"required": True},
    "impax_other": {"description": "Not needed."},
}


def test_a_missing_one_is_named_with_its_place():
    defined = {"impax_bare"}.__contains__
    assert list(missing("as3000", "as3000", SPECIFICATION, defined)) == [
        "The variable impax_folder is not set for as3000 (Where it goes). Set it in group_vars/as3000.yml or in"
        " host_vars/as3000.yml of the inventory."
    ]


def test_what_is_there_is_not_named():
    assert list(missing("a", "b", SPECIFICATION, {"impax_folder", "impax_bare"}.__contains__)) == []


def test_what_will_be_done_at_a_station():
    assert ("as3000", "audit_table") in entries(["as3000"])
    assert {role for role, _ in entries(["as300_sqlserver", "curator"])} == {"as300_sqlserver"}
    assert list(entries(["network_gateway"])) == []


def test_what_two_sections_do_is_looked_at_once():
    assert len(list(entries(["as3000", "as300_sqlserver"]))) == len(set(entries(["as3000", "as300_sqlserver"])))
