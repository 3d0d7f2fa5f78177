# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook's process gets to know, and what of its events is shown."""

import os

import pytest
from impax_prepare import running
from impax_prepare.folder import SiteFolder, Usage


def test_only_what_is_of_use_is_passed_on():
    caller = {
        **dict.fromkeys(("HOME", "LANG", "LC_ALL", "SSH_AUTH_SOCK", "ANSIBLE_VAULT_PASSWORD_FILE", "IMPAX_X"), "x"),
        **dict.fromkeys(("AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "http_proxy", "MY_IMPAX_X", "XHOME"), "s3cret"),
        "PATH": "/bin",
    }
    passed = running.environment(caller, "r1")
    assert "s3cret" not in passed.values()
    assert set(caller) - set(passed) == {"AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "http_proxy", "MY_IMPAX_X", "XHOME"}
    assert passed["IMPAX_RUN"] == "r1"
    assert passed["PATH"].endswith(":/bin")


def test_the_callers_environment_is_restored():
    before = dict(os.environ)
    with running._only({"PATH": "/x"}):
        assert dict(os.environ) == {"PATH": "/x"}
    assert dict(os.environ) == before


WORDS = {
    "": (False, [], [], False),
    "--check": (True, [], [], False),
    "--tags S34,S36": (False, ["S34", "S36"], [], False),
    "--check --tags S34 --limit as300,as3000 -v": (True, ["S34"], ["as300", "as3000"], True),
}


@pytest.mark.parametrize(("said", "asked"), WORDS.items())
def test_words(said, asked):
    assert running.words(*asked) == said


EVENTS = [
    ({"event": "verbose", "stdout": "as3000: exporting\r\n"}, ["as3000: exporting"]),
    ({"event": "verbose", "stdout": "one\r\ntwo"}, ["one", "two"]),
    ({"event": "verbose", "stdout": "[ERROR]: Task failed: x\nOrigin: y"}, []),
    ({"event": "playbook_on_task_start", "stdout": "TASK [x]"}, []),
    ({"event": "runner_on_ok", "stdout": "ok: [x]"}, []),
    (
        {"event": "runner_on_failed", "stdout": "fatal", "event_data": {"host": "h", "task": "t", "res": {"msg": "m"}}},
        ["h: t: m"],
    ),
    (
        {
            "event": "runner_on_failed",
            "event_data": {"host": "h", "task": "t", "res": {"msg": "m", "verdict": "no_go"}},
        },
        [],
    ),
    ({"event": "x"}, []),
]


@pytest.mark.parametrize(("event", "lines"), EVENTS)
def test_what_is_shown(event, lines):
    assert list(running.shown(event, everything=False)) == lines


def test_everything_is_shown_when_asked():
    assert list(running.shown({"event": "runner_on_ok", "stdout": "ok: [x]\r\nmore"}, everything=True)) == [
        "ok: [x]",
        "more",
    ]


# The site folder


@pytest.fixture
def root(tmp_path):
    (tmp_path / "site" / "group_vars").mkdir(parents=True)
    return tmp_path


def test_the_folder_or_the_inventory_in_it(root):
    for given in (root, root / "site"):
        site = SiteFolder.at(str(given))
        assert (site.root, site.inventory) == (root, root / "site")
        assert (site.state, site.report) == (root / "state", root / "report")
        assert site.playbook == "impax.upgrade.prepare"
    (root / "prepare.yml").write_text("")
    assert SiteFolder.at(str(root)).playbook == str(root / "prepare.yml")


def test_a_site_folder_within_a_folder_of_that_name(tmp_path):
    (tmp_path / "site" / "site" / "group_vars").mkdir(parents=True)
    assert SiteFolder.at(str(tmp_path / "site")).inventory == tmp_path / "site" / "site"


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_what_is_no_site_folder_is_named(tmp_path, name):
    with pytest.raises(Usage, match="no site folder"):
        SiteFolder.at(str(tmp_path / name))


@pytest.mark.parametrize("file", ["all.yml", "all/main.yml", "all"])
def test_places_that_the_site_has_chosen(root, file):
    target = root / "site" / "group_vars" / file
    target.parent.mkdir(exist_ok=True)
    target.write_text("impax_site: x\nimpax_state: elsewhere/state\npassword: !vault |\n  $ANSIBLE_VAULT;1.1\n")
    site = SiteFolder.at(str(root))
    assert (site.state, site.report) == (root / "elsewhere" / "state", root / "elsewhere" / "report")


def test_a_place_that_only_ansible_can_read_is_named(root):
    (root / "site" / "group_vars" / "all.yml").write_text('impax_state: "{{ somewhere }}"')
    with pytest.raises(Usage, match="impax_state"):
        SiteFolder.at(str(root)).state  # noqa: B018
