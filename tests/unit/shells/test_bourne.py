# SPDX-License-Identifier: GPL-3.0-or-later
"""What arrives is what was meant, as a real /bin/sh sees it."""

import os
import subprocess
import sys

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, Secret, Text
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells import Refused, bourne
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells.bourne_limits import complaints
from hypothesis import given, settings
from hypothesis import strategies as st

NONCE = "k7Zq0nonce"
ECHO_WORDS = (sys.executable, "-c", "import sys; sys.stdout.write(repr(sys.argv[1:]))")
AWKWARD = st.text(st.sampled_from("ab \t'\"\\%^&!$`|<>;(){}[]*?~#=\n-é€日\U0001f600"), max_size=12)
ANY = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20)


def shell(*commands, script=None):
    text = bourne.batch(commands, NONCE) if script is None else script
    ran = subprocess.run(
        ["/bin/sh"], input=text.encode(), capture_output=True, timeout=20, env={**os.environ, "LC_ALL": "C.UTF-8"}
    )
    return bourne.read_batch(ran.stdout, ran.stderr, NONCE, len(commands))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.one_of(AWKWARD, ANY), max_size=6), min_size=1, max_size=5))
def test_words_arrive_as_they_were_meant(lists):
    parts = shell(*(Command((*ECHO_WORDS, *words)) for words in lists))
    assert [eval(part.stdout.decode()) for part in parts] == lists


@settings(max_examples=30, deadline=None)
@given(st.one_of(AWKWARD, ANY))
def test_stdin_arrives_with_its_last_line_ended(text):
    (part,) = shell(Command(("/bin/cat",), stdin=text))
    assert part.stdout.decode() == (text if not text or text.endswith("\n") else text + "\n")


@settings(max_examples=20, deadline=None)
@given(AWKWARD.filter(bool))
def test_environment_and_secrets_arrive(value):
    command = Command(
        ("/bin/sh", "-c", 'printf \'%s,%s\\n\' "$PW" "$PLAIN"'),
        environment={"PW": Secret(value, "x"), "PLAIN": Text.of("p", Secret(value, "x"))},
    )
    (part,) = shell(command)
    assert part.stdout.decode() == f"{value},p{value}\n"


def test_every_command_has_its_own_exit_code_and_streams():
    parts = shell(
        Command(("/bin/sh", "-c", "printf out; printf err >&2; exit 3")),
        Command(("/bin/no-such-program",)),
        Command(("/bin/cat",), stdin="mine\n"),
        Command(("/bin/sh", "-c", "printf '\\377\\000\\n'")),
    )
    assert [part.exit_code for part in parts] == [3, 127, 0, 0]
    assert (parts[0].stdout, parts[0].stderr) == (b"out", b"err")
    assert parts[2].stdout == b"mine\n"
    assert parts[3].stdout == b"\xff\x00\n"


def test_a_folder_that_is_not_there_means_that_nothing_was_called(tmp_path):
    parts = shell(Command(("/bin/pwd",), folder=str(tmp_path / "gone")), Command(("/bin/pwd",), folder=str(tmp_path)))
    assert not parts[0].begun and parts[0].exit_code is None
    assert parts[1].stdout.decode().strip() == str(tmp_path)


def test_a_private_file_is_private_and_gone_afterwards(tmp_path):
    path = tmp_path / "a b.par"
    command = Command(
        ("/bin/sh", "-c", f"ls -l '{path}'; cat '{path}'; exit 5"),
        stdin=Text.of("userid=", Secret("pw'x", "pw"), "\n"),
        creates=str(path),
    )
    (part,) = shell(command)
    assert part.exit_code == 5
    assert part.stdout.decode().startswith("-rw-------")
    assert part.stdout.decode().endswith("userid=pw'x\n")
    assert not path.exists()


def test_what_was_cut_has_no_exit_code():
    whole = bourne.batch([Command(("/bin/echo", "a")), Command(("/bin/echo", "b"))], NONCE)
    parts = bourne.read_batch(f"@{NONCE} 0 b\na\n\n@{NONCE} 0 e 0\n@{NONCE} 1 b\nb".encode(), b"", NONCE, 2)
    assert f"@{NONCE} 1 b" in whole
    assert (parts[0].exit_code, parts[1].exit_code, parts[1].begun) == (0, None, True)
    assert not bourne.read_batch(b"", b"", NONCE, 1)[0].begun


def test_an_end_marker_without_its_number_is_no_exit_code():
    (part,) = bourne.read_batch(f"@{NONCE} 0 b\na\n\n@{NONCE} 0 e".encode(), b"", NONCE, 1)
    assert part.exit_code is None


@pytest.mark.parametrize(
    "command",
    [
        Command(("x", "a\0b")),
        Command(("x", "\ud800")),
        Command(("x",), stdin="\0"),
        Command(("x",), environment={"A B": "1"}),
    ],
)
def test_what_cannot_be_carried_is_refused(command):
    with pytest.raises(Refused):
        bourne.batch([command], NONCE)


@pytest.mark.parametrize("user", ["x y", "-c", "root;id", ""])
def test_an_account_is_a_name(user):
    with pytest.raises(Refused):
        bourne.log_on(user)


@settings(max_examples=40, deadline=None)
@given(st.lists(AWKWARD, max_size=5), AWKWARD, AWKWARD.filter(bool))
def test_no_text_we_emit_needs_more_than_the_bourne_shell(words, stdin, value):
    commands = [
        Command(("/bin/x", *words), stdin=stdin, environment={"A": value}, folder="/tmp/a b"),
        Command(("/bin/x", *words), stdin=stdin or "x", creates="/tmp/p"),
    ]
    assert complaints(bourne.batch(commands, NONCE)) == []


def test_files_of_a_private_command_are_its_accounts_alone(tmp_path):
    mine, open_to_all = tmp_path / "mine", tmp_path / "open"
    shell(Command(("/usr/bin/touch", str(mine)), private=True), Command(("/usr/bin/touch", str(open_to_all))))
    assert mine.stat().st_mode & 0o777 == 0o600
    assert open_to_all.stat().st_mode & 0o044


@pytest.mark.parametrize("text", ["k\x80", "aé\nAé\n", "k7é"])
def test_a_line_that_begins_as_the_ending_does_loses_nothing(text):
    (part,) = shell(Command(("/bin/cat",), stdin=text))
    assert part.stdout.decode().rstrip("\n") == text.rstrip("\n")
