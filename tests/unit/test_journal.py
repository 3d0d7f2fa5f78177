# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: what is written is read back, what was tampered with is found, what was torn is healed."""

import datetime
import errno
import hashlib
import json
import multiprocessing
import os
import signal
import time

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils import journal as module
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import (
    Journal,
    JournalBroken,
    JournalFull,
    JournalMissing,
    JournalOfOtherSite,
    JournalUnwritable,
    plain,
    verify_bytes,
)
from hypothesis import given, settings
from hypothesis import strategies as st

CONTEXT = multiprocessing.get_context("fork")


@pytest.fixture
def journal(tmp_path):
    return Journal.open(tmp_path / "state", "demo", create=True)


def file_of(journal):
    return journal.state / module.NAME


def test_the_first_entry_names_schema_and_site(journal):
    first = next(journal.entries())
    assert first["kind"] == "genesis"
    assert (first["n"], first["schema"], first["site"], first["prev"]) == (1, 1, "demo", "0" * 64)
    assert len(first["site_id"]) == 32


def test_two_sites_of_one_name_are_told_apart(tmp_path):
    ids = {Journal.open(tmp_path / name, "demo", create=True).site_id for name in ("a", "b")}
    assert len(ids) == 2


def test_what_was_appended_is_read_back(journal):
    written = journal.append("finding", station="as3000", finding={"rows": 2500, "key": None, "ok": True, "s": [1.5]})
    assert written["n"] == 2
    assert list(Journal.open(journal.state, "demo").entries("finding")) == [written]


def test_entries_are_chosen_by_kind_and_fields(journal):
    journal.append("step_begun", station="as3000", step="a")
    journal.append("step_begun", station="as300", step="b")
    journal.append("note", kind_of="step_begun", text='"kind":"step_begun"')
    assert [entry["step"] for entry in journal.entries("step_begun")] == ["a", "b"]
    assert [entry["step"] for entry in journal.entries("step_begun", station="as300")] == ["b"]
    assert journal.last("step_begun")["step"] == "b"
    assert journal.last("step_begun", station="nowhere") is None


def test_the_chain_can_be_checked_without_this_program(journal):
    journal.append("x", text="ü\n")
    first, second = file_of(journal).read_bytes().splitlines()
    said = json.loads(second)
    assert hashlib.sha256(second.rpartition(b',"hash":')[0]).hexdigest() == said["hash"]
    assert said["prev"] == json.loads(first)["hash"]


def test_only_the_owner_may_read_it(journal):
    assert file_of(journal).stat().st_mode & 0o777 == 0o600
    assert journal.state.stat().st_mode & 0o777 == 0o700


def test_a_second_opening_changes_nothing(journal):
    before = file_of(journal).read_bytes()
    Journal.open(journal.state, "demo", create=True)
    assert file_of(journal).read_bytes() == before


@pytest.mark.parametrize("name", ["n", "at", "prev", "hash"])
def test_its_own_names_cannot_be_taken(journal, name):
    with pytest.raises(ValueError, match=name):
        journal.append("x", **{name: 1})


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes", float("nan")])
def test_only_json_is_taken(journal, value):
    with pytest.raises((TypeError, ValueError)):
        journal.append("x", value=value)
    assert journal.verify().count == 1


def test_undecodable_characters_are_made_visible(journal):
    journal.append("x", text="a\udce4b")
    assert journal.last("x")["text"] == "a\\udce4b"
    assert journal.verify().broken_at is None


# Opening


def test_a_missing_journal_is_said_to_be_missing(tmp_path):
    with pytest.raises(JournalMissing, match="nothing was run"):
        Journal.open(tmp_path, "demo")


def test_the_journal_of_another_site_is_refused(journal):
    with pytest.raises(JournalOfOtherSite, match=r"'demo'.*'other'"):
        Journal.open(journal.state, "other", create=True)


def test_without_a_site_whichever_it_is(journal):
    assert Journal.open(journal.state).site == "demo"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(JournalUnwritable, match=str(tmp_path)):
        Journal.open(tmp_path / "state", "demo", create=True)


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(JournalUnwritable, match="cannot be used"):
        Journal.open(tmp_path / "state", "demo", create=True)


def test_a_beginning_that_was_interrupted_is_made_anew(tmp_path):
    (tmp_path / module.NAME).write_bytes(b'{"n":1,"at":"2026')
    assert Journal.open(tmp_path, "demo", create=True).verify() == module.verification(tmp_path)
    assert [entry["kind"] for entry in Journal.open(tmp_path).entries()] == ["genesis"]


@pytest.mark.parametrize("lost", ["emptied", "removed"])
def test_a_lost_journal_is_not_begun_anew(journal, lost):
    journal.append("x")
    if lost == "emptied":
        file_of(journal).write_bytes(b"")
    else:
        file_of(journal).unlink()
    with pytest.raises(JournalBroken, match="gone"):
        Journal.open(journal.state, "demo", create=True)


# Tampering


def filled(tmp_path, entries=6):
    journal = Journal.open(tmp_path, "demo", create=True)
    for number in range(entries):
        journal.append("x", number=number, text="t" * number)
    return journal


def test_a_good_journal_is_good(tmp_path):
    found = filled(tmp_path).verify()
    assert (found.count, found.torn, found.broken_at) == (7, 0, None)
    assert found.head == next(reversed(list(Journal.open(tmp_path).entries())))["hash"]


LINES, NOTED = [], None


@pytest.fixture(scope="module", autouse=True)
def a_journal(tmp_path_factory):
    global LINES, NOTED
    folder = tmp_path_factory.mktemp("chain")
    filled(folder)
    LINES = (folder / module.NAME).read_bytes().splitlines(keepends=True)
    NOTED = module._head(folder)


def broken(data):
    return verify_bytes(data, NOTED).broken_at is not None


@settings(max_examples=300)
@given(st.data())
def test_any_changed_byte_is_found(data):
    whole = b"".join(LINES)
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[at]))
    assert broken(whole[:at] + bytes([byte]) + whole[at + 1 :])


@given(st.data())
def test_any_dropped_line_is_found(data):
    gone = data.draw(st.sets(st.integers(0, len(LINES) - 1), min_size=1))
    assert broken(b"".join(line for number, line in enumerate(LINES) if number not in gone))


@given(st.permutations(range(7)).filter(lambda order: order != list(range(7))))
def test_any_other_order_is_found(order):
    assert broken(b"".join(LINES[number] for number in order))


@given(st.data())
def test_any_cut_is_found(data):
    whole = b"".join(LINES)
    assert broken(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(st.integers(0, 6), st.integers(0, 7))
def test_any_repeated_line_is_found(which, where):
    assert broken(b"".join([*LINES[:where], LINES[which], *LINES[where:]]))


def test_a_forged_line_with_a_right_hash_of_its_own_is_found():
    text = b'{"n":3,"at":"2026-11-24T08:00:00Z","kind":"x","prev":"' + b"0" * 64 + b'"'
    forged = b'%s,"hash":"%s"}\n' % (text, hashlib.sha256(text).hexdigest().encode())
    assert verify_bytes(b"".join([*LINES[:2], forged, *LINES[3:]]), NOTED).broken_at == 3


def test_a_missing_note_of_the_head_is_found(tmp_path):
    filled(tmp_path)
    (tmp_path / module.HEAD).unlink()
    with pytest.raises(JournalBroken, match="missing"):
        Journal.open(tmp_path, "demo")


def test_a_broken_journal_is_neither_opened_nor_added_to(tmp_path):
    journal = filled(tmp_path)
    damaged = file_of(journal).read_bytes().replace(b'"number":3', b'"number":4')
    file_of(journal).write_bytes(damaged)
    with pytest.raises(JournalBroken, match="entry 5"):
        Journal.open(tmp_path, "demo", create=True)
    assert file_of(journal).read_bytes() == damaged


def test_a_note_that_lags_by_a_killed_writer_does_no_harm(tmp_path):
    journal = filled(tmp_path)
    noted = (tmp_path / module.HEAD).read_bytes()
    journal.append("x")
    (tmp_path / module.HEAD).write_bytes(noted)
    assert journal.verify().broken_at is None
    journal.append("y")
    assert journal.verify().count == 9


# Torn lines


@pytest.mark.parametrize("torn", [b"{", b'{"n":8,"at":"2026-11-24T08', b"\xff" * 5000])
def test_a_torn_last_line_is_healed_and_noted(tmp_path, torn):
    journal = filled(tmp_path)
    with file_of(journal).open("ab") as file:
        file.write(torn)
    assert journal.verify().torn == len(torn)
    assert [entry["kind"] for entry in journal.entries()][-1] == "x"
    assert journal.append("y", text="after")["n"] == 9
    healed = journal.last("healed")
    assert (healed["bytes"], healed["sha256"]) == (len(torn), hashlib.sha256(torn).hexdigest())
    assert (journal.verify().torn, journal.verify().broken_at) == (0, None)


def append_for_ever(state):
    journal = Journal.open(state, "demo")
    number = 0
    while True:
        number += 1
        journal.append("busy", number=number, text="x" * 3000)


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_a_good_journal(tmp_path):
    journal = filled(tmp_path)
    for attempt in range(15):
        writer = CONTEXT.Process(target=append_for_ever, args=(tmp_path,))
        writer.start()
        time.sleep(0.02 + attempt * 0.003)
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        journal.append("after", attempt=attempt)
        assert Journal.open(tmp_path, "demo").verify().broken_at is None
    assert len(list(journal.entries("after"))) == 15
    assert journal.last("busy") is not None


def append_many(state, who):
    journal = Journal.open(state, "demo", create=True)
    for number in range(40):
        journal.append("busy", who=who, number=number)


@pytest.mark.parametrize("again", range(4))
def test_whoever_looks_while_others_append_sees_a_good_journal(tmp_path, again):
    """A second at a time: the longer the journal, the fewer looks."""
    journal = filled(tmp_path)
    writer = CONTEXT.Process(target=append_for_ever, args=(tmp_path,))
    writer.start()
    looks, until = 0, time.monotonic() + 1
    try:
        while time.monotonic() < until:
            assert journal.verify().broken_at is None
            looks += 1
    finally:
        writer.kill()
        writer.join()
    assert looks > 10


def test_several_workers_append_at_once(tmp_path):
    workers = [CONTEXT.Process(target=append_many, args=(tmp_path / "state", who)) for who in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    journal = Journal.open(tmp_path / "state", "demo")
    assert journal.verify().count == 161
    for who in range(4):
        assert [entry["number"] for entry in journal.entries("busy", who=who)] == list(range(40))


# A disk that is full, or fails


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, JournalFull), (errno.EDQUOT, JournalFull), (errno.EIO, JournalUnwritable)]
)
def test_an_entry_that_cannot_be_written_whole_is_taken_back(tmp_path, monkeypatch, number, kind):
    journal = filled(tmp_path)
    before, write = file_of(journal).read_bytes(), os.pwrite

    def half(descriptor, data, at):
        if len(data) < 20:
            raise OSError(number, os.strerror(number))
        return write(descriptor, data[: len(data) // 2], at)

    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(kind):
        journal.append("y")
    monkeypatch.undo()
    assert file_of(journal).read_bytes() == before
    journal.append("z")
    assert journal.verify().broken_at is None


def test_a_really_full_disk(journal):
    """/dev/full answers every write as a full disk does (full(4))."""
    file_of(journal).unlink()
    file_of(journal).symlink_to("/dev/full")
    end = module._End(0, 0, module.ZERO)
    with module._locked(journal.state, 2) as descriptor, pytest.raises(JournalFull, match="full"):
        module._add(journal.state, descriptor, end, "x", {})


# Plain values


class TaggedText(str):
    pass


class TaggedNumber(int):
    pass


class TaggedMapping(dict):
    pass


@pytest.mark.parametrize("value", [None, True, False, 0, 7, 1.5, "", "x", [], ["a", [1]], {"a": {"b": None}}])
def test_plain_values_stay_what_they_are(value):
    assert plain(value) == value
    assert type(plain(value)) is type(value)


def test_subclasses_become_plain():
    made = plain(TaggedMapping({TaggedText("a"): [TaggedText("b"), TaggedNumber(3)], "t": (1, 2)}))
    assert made == {"a": ["b", 3], "t": [1, 2]}
    assert {type(made), type(next(iter(made))), type(made["a"][0])} == {dict, str}
    assert type(made["a"][1]) is int


def test_dates_that_yaml_made_become_text():
    assert plain({"until": datetime.date(2026, 12, 1)}) == {"until": "2026-12-01"}


def test_what_is_not_plain_is_refused():
    with pytest.raises(TypeError, match="set"):
        plain({"x": {1}})
