# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible silently makes one of two is seen in the inventory's own text."""

from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.inventory_files import problems

GOOD = """
all:
  children:
    as3000:
      hosts:
        as3000: {ansible_host: 10.0.0.1, password: !vault |
            $ANSIBLE_VAULT}
    as300_sqlserver:
      vars: {hosts: {as300: {ansible_host: 9.9.9.9}}}
      hosts:
        as300: {ansible_host: 10.0.0.2}
    application_server:
      hosts:
        as300:
        app1: {ansible_host: "{{ somewhere }}"}
"""
INI = """
app0
[as300_sqlserver]
as300 ansible_host=10.0.0.2   # a comment
[application_server]
as300
[as300_sqlserver:vars]
as300=x ansible_host=1
"""


def test_good_files_say_nothing():
    assert problems("hosts.yml", GOOD) == []
    assert problems("hosts", INI) == []


def test_a_name_that_stands_twice_in_one_group():
    text = "as300_sqlserver:\n  hosts:\n    db1: {ansible_host: a}\n    db2:\n    db1: {ansible_host: b}\n"
    assert problems("hosts.yml", text)[0] == (
        "hosts.yml, line 5: db1 stands in line 3 already; only the last one would count."
    )


def test_a_group_that_stands_twice():
    text = "all:\n  children:\n    as3000: {hosts: {a: }}\n    as3000: {hosts: {b: }}\n"
    assert [one for one in problems("hosts.yml", text) if "as3000 stands in line 3 already" in one]


def test_one_name_with_two_addresses():
    text = "a: {hosts: {db1: {ansible_host: 10.0.0.1}}}\nb: {hosts: {db1: {ansible_host: 10.0.0.2}}}\n"
    assert problems("hosts.yml", text) == [
        "hosts.yml, line 2: the station db1 has another address in line 1 (ansible_host=10.0.0.1, ansible_host=10.0.0.2)."
    ]


def test_the_same_in_the_other_form():
    text = "[as3000]\ndb1 ansible_host=10.0.0.1\n[curator]\ndb1 ansible_host=10.0.0.2\n"
    assert "db1 has another address in line 2" in problems("hosts", text)[0]


def test_what_is_neither_says_nothing():
    assert problems("hosts", "#!/bin/sh\nexec ansible-inventory 'unfinished\n") == []
    assert problems("x.yml", "- a\n- b: [\n") == []
    assert problems("x.yml", "") == []
