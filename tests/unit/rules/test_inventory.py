# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong inventories: each problem is named with what to do; a good one says nothing."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.inventory import Inventory, problems

GROUPS = {
    "all": ["as3000", "as300", "verify", "app1"],
    "ungrouped": [],
    "as3000": ["as3000"],
    "as300_sqlserver": ["as300"],
    "application_server": ["app1", "as300"],
    "verify": ["verify"],
}
ADDRESSES = {"as3000": ("10.0.0.1", ""), "as300": ("10.0.0.2", ""), "verify": ("10.0.0.3", ""), "app1": ("app1", "")}
GOOD = {"groups": GROUPS, "addresses": ADDRESSES, "absent": {"as300_oracle": "Oracle runs on Solaris"}}


def said(**change):
    return problems(Inventory(**{**GOOD, **change}))


def with_group(name, *hosts):
    return {**GROUPS, name: list(hosts), "all": list(dict.fromkeys([*GROUPS["all"], *hosts]))}


def test_a_good_inventory():
    assert said() == []
    assert Inventory(**GOOD).stations() == {
        "as3000": ["as3000"],
        "as300": ["as300_sqlserver", "application_server"],
        "app1": ["application_server"],
    }


def test_an_empty_inventory_is_no_wrong_one():
    assert said(groups={"all": [], "ungrouped": []}, addresses={}) == []


WRONG = {
    "misspelt group": ({"groups": with_group("as300_sql_server", "as300")}, "did you mean as300_sqlserver?"),
    "unknown group": ({"groups": with_group("radiology", "as300")}, "'radiology' is no server type"),
    "typeless": ({"groups": with_group("ungrouped", "new1")}, "new1 is in no group of a server type"),
    "two systems": ({"groups": with_group("as300_oracle", "as3000"), "absent": {}}, "as3000 and as300_oracle at once"),
    "two engines": ({"groups": with_group("as300_oracle", "as300"), "absent": {}}, "as300 cannot be"),
    "solaris as application server": ({"groups": with_group("application_server", "as3000")}, "as3000 cannot be"),
    "one name but for capitals": ({"groups": with_group("curator", "APP1")}, "app1 and APP1 have one name"),
    "reserved name": ({"groups": with_group("curator", "site")}, "cannot be called 'site'"),
    "one address": ({"addresses": {**ADDRESSES, "verify": ("10.0.0.2", "")}}, "as300 and verify have one address"),
    "one address, capitals": ({"addresses": {**ADDRESSES, "verify": ("APP1", "")}}, "verify and app1 have one address"),
    "absent is no mapping": ({"absent": ["as300_oracle"]}, "has to be a mapping"),
    "absent is no type": ({"absent": {"as300oracle": "x"}}, "did you mean as300_oracle?"),
    "absent and there": ({"absent": {"as3000": "none"}}, "remove one of them"),
    "absent for no reason": ({"absent": {"as300_oracle": ""}}, "gives no reason for as300_oracle"),
    "approvals are no list": ({"approvals": "all"}, "has to be a list"),
    "approval without a name": ({"approvals": [{"finding": "a"}]}, "entry 1: station is missing"),
}


@pytest.mark.parametrize(("change", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_one_is_named(change, sentence):
    found = said(**change)
    assert [one for one in found if sentence in one], found


def test_ports_tell_two_stations_of_one_address_apart():
    assert said(addresses={name: ("127.0.0.1", str(port)) for port, name in enumerate(ADDRESSES, 2200)}) == []


def test_a_site_s_own_groups_are_taken():
    assert said(groups=with_group("first_floor", "as300"), helpers=["first_floor"]) == []


def test_the_controller_is_no_station():
    assert said(groups={**GROUPS, "all": [*GROUPS["all"], "localhost"], "ungrouped": ["localhost"]}) == []
