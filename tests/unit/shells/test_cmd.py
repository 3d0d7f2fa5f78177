# SPDX-License-Identifier: GPL-3.0-or-later
"""Words for cmd.exe and for CreateProcess. What a real cmd.exe makes of them is tested in tests/lab/test_cmd_exe.py."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, Secret, Text
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells import Refused, cmd
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells.cmd_limits import complaints
from hypothesis import given
from hypothesis import strategies as st

NONCE = "k7Zq0nonce"
AWKWARD = st.text(st.sampled_from("ab \t'\"\\%^&!|<>()=,;-é€日\U0001f600"), max_size=12)
ANY = st.text(
    st.characters(blacklist_categories=["Cs"], min_codepoint=32, blacklist_characters="\ufffe\uffff"), max_size=20
)
WORDS = st.lists(st.one_of(AWKWARD, ANY), max_size=6)


def split(line: str) -> list[str]:
    """CommandLineToArgvW as its documentation has it; the program's name ends at a blank or its closing quote."""
    name, rest = (line[1:].split('"', 1)) if line.startswith('"') else [*line.split(" ", 1), ""][:2]
    words, word, quoted, there, position = [name], "", False, False, 0
    while position < len(rest):
        run = len(rest[position:]) - len(rest[position:].lstrip("\\"))
        sign = rest[position + run : position + run + 1]
        if run:
            word, there = word + "\\" * (run // 2 if sign == '"' else run), True
            position += run
            if sign == '"' and run % 2:
                word, position = word + '"', position + 1
            continue
        position += 1
        if sign == '"':
            quoted, there = not quoted, True
        elif sign in " \t" and not quoted:
            words, word, there = words + [word] * there, "", False
        else:
            word, there = word + sign, True
    return words + [word] * there


@given(WORDS)
def test_a_program_without_cmd_gets_its_words(words):
    assert split(cmd.direct(Command(("C:\\a b\\x.exe", *words)))) == ["C:\\a b\\x.exe", *words]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("bcp",), '<nul "bcp"'),
        (
            ("bcp", "mvf..map_event_audit", "out", "D:\\a b\\x.dat", "-c", "-T"),
            '<nul "bcp" mvf..map_event_audit out "D:\\a b\\x.dat" -c -T',
        ),
        (("x", ""), '<nul "x" ""'),
        (("x", "a b\\"), '<nul "x" "a b\\\\"'),
        (("x", "a&b|c<d>e(f)g^h"), '<nul "x" "a&b|c<d>e(f)g^h"'),
        (("x", 'say "a & b"'), '<nul "x" ^"say \\^"a ^& b\\^"^"'),
        (("x", "-t|~|", "$=,;"), '<nul "x" "-t|~|" "$=,;"'),
    ],
)
def test_words_for_a_program_behind_cmd(words, line):
    assert cmd.line(Command(words)) == line


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("dir", "/b", "C:\\Program Files\\"), '<nul dir /b "C:\\Program Files\\"'),
        (("if", "exist", "C:\\x y", "echo", "yes"), '<nul if exist "C:\\x y" echo yes'),
    ],
)
def test_words_for_a_command_of_cmd_itself(words, line):
    assert cmd.line(Command(words, builtin=True)) == line


@pytest.mark.parametrize("word", ["a\nb", "a\rb", "a\0b", "a\x1bb", "\ud800", "\uffff", "50%", "%OS%"])
def test_what_has_no_safe_form_on_a_line_is_refused(word):
    for refused in (
        Command(("x", word)),
        Command((word or "x",)),
        Command(("dir", word), builtin=True),
        Command(("x.bat", word)),
    ):
        with pytest.raises(Refused):
            cmd.line(refused)
        with pytest.raises(Refused):
            cmd.batch([refused], NONCE)


@pytest.mark.parametrize("command", [
    Command(("dir", 'a"b'), builtin=True),
    Command(("dir&x",), builtin=True),
    Command(("x.bat", "a^b")),
    Command(("x.cmd", 'a"b')),
    Command(('x".exe',)),
    Command(("x", "y" * 8000)),
    Command(("x", "\U0001f600" * 4000)),
])  # fmt: skip
def test_what_a_line_cannot_carry_is_refused(command):
    with pytest.raises(Refused):
        cmd.line(command)


@pytest.mark.parametrize("command", [
    Command(("dir",), builtin=True), Command(("x.bat",)), Command(("C:\\X.CMD",)), Command(("x", "a\nb")),
    Command(("x", "y" * 31000)),
])  # fmt: skip
def test_what_needs_cmd_is_not_started_without_it(command):
    with pytest.raises(Refused):
        cmd.direct(command)


def test_a_line_at_the_limit_is_taken():
    assert len(cmd.line(Command(("x", "y" * (8000 - len('<nul "x" ')))))) == 8000


@pytest.mark.parametrize("command", [
    Command(("x",), stdin="a"), Command(("x",), environment={"A": "b"}), Command(("x",), folder="C:\\"),
    Command(("x",), creates="C:\\p"), Command(("x", "a!b")), Command(("x.bat",)),
    Command(("if", "exist", "x", "echo", "y"), builtin=True),
])  # fmt: skip
def test_what_must_run_alone_is_no_companion(command):
    assert not cmd.is_companion(command)
    with pytest.raises(Refused):
        cmd.batch([command], NONCE)


@given(st.lists(WORDS, min_size=1, max_size=30))
def test_a_batch_is_split_under_the_limit_and_loses_no_command(lists):
    commands = [command for words in lists if cmd.is_companion(command := Command(("x", *words)))]
    lines = cmd.batch(commands, NONCE)
    assert [number for line in lines for number in line.numbers] == list(range(len(commands)))
    assert all(len(line.text) <= cmd.LIMIT for line in lines)


def test_a_long_batch_is_several_lines():
    lines = cmd.batch([Command(("x", "y" * 900))] * 20, NONCE)
    assert len(lines) > 2 and all(complaints(line.text) == [] for line in lines)


def test_a_command_too_long_for_a_line_is_no_companion():
    assert not cmd.is_companion(Command(("x", "y" * 7990)))


@pytest.mark.parametrize("nonce", ["", "a b", "a&b"])
def test_a_nonce_is_letters_and_digits(nonce):
    with pytest.raises(Refused):
        cmd.batch([Command(("x",))], nonce)


def printed(number: int, body: bytes, end: bytes) -> bytes:
    mark = f"@{NONCE} {number}".encode()
    return mark + b" b\r\n" + body + mark + b" e" + end


def test_each_commands_share_is_read():
    out = (
        b"AutoRun\r\n"
        + printed(0, b"a\xff\0", b" 0 late\r\n")
        + printed(1, b"", b" -1 late\r\n")
        + printed(2, b"x", b" 4294967295 late\r\n")
    )
    err = printed(0, b"e\r\n", b"\r\n") + printed(1, b"", b"\r\n")
    parts = [cmd.read_batch(out, err, NONCE, number) for number in range(4)]
    assert [(part.exit_code, part.stdout, part.stderr, part.begun) for part in parts] == [
        (0, b"a\xff\0", b"e\r\n", True), (-1, b"", b"", True), (-1, b"x", b"", True), (None, b"", b"", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "end", [b"", b" 0", b" 0 late", b" !errorlevel! late\r\n", b" 0 !IMPAX_LATE!\r\n", b" 0 \r\n", b"  late\r\n"]
)
def test_an_end_marker_that_is_cut_or_was_read_early_is_no_exit_code(end):
    part = cmd.read_batch(printed(0, b"x", end), b"", NONCE, 0)
    assert part.begun and part.exit_code is None


def test_only_opened_secrets_are_sent_and_only_where_they_are_meant():
    command = Command(("x", Text.of("-P", Secret("pw d", "password"))), environment={"A": Secret("b", "password")})
    assert cmd.line(command) == '<nul "x" "-Ppw d"'
    assert cmd.environment(command) == {"A": "b"}


@pytest.mark.parametrize("environment", [{"A B": "1"}, {"1A": "x"}, {"A": "%OS%"}, {"A": "a\nb"}, {"A": "x%y z%PATH%"}])
def test_a_variable_that_cannot_be_carried_is_refused(environment):
    with pytest.raises(Refused):
        cmd.environment(Command(("x",), environment=environment))


@pytest.mark.parametrize("value", ["100%", "50% of 3%", 'a&b|c"d^e!f', ""])
def test_a_variable_takes_what_no_line_could(value):
    assert cmd.environment(Command(("x",), environment={"A": value})) == {"A": value}


def test_input_is_in_the_stations_code_page_with_its_line_ends():
    assert cmd.standard_input(Command(("x",), stdin="é\nb\r\nc"), "cp850") == b"\x82\r\nb\r\nc"
    with pytest.raises(Refused):
        cmd.standard_input(Command(("x",), stdin="日"), "cp850")


@pytest.mark.parametrize(
    ("code", "shown"), [(0, 0), (3010, 3010), (0xFFFFFFFF, -1), (-1, -1), (0xC000013A, -1073741510)]
)
def test_an_exit_code_is_a_signed_number(code, shown):
    assert cmd.signed(code) == shown
