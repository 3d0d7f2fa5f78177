# SPDX-License-Identifier: GPL-3.0-or-later
"""What arrives is what was meant, as a real cmd.exe and a real program see it: many words a process start."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells import cmd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support import windows_site

pytestmark = [pytest.mark.lab]

SIGNS = " \t\"'\\%^&|<>()!=,;`@~*?-/ab1é€日\U0001f600"
AWKWARD = st.text(st.sampled_from(SIGNS), max_size=10)
ANY = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"), max_size=15)
WORDS = st.lists(st.one_of(AWKWARD, ANY), min_size=1, max_size=8)
EDGES = [
    [""], [" "], ["\\"], ['"'], ['\\"'], ["a\\"], ["a b\\\\"], ['a"b'], ['"a b"'], ["^"], ["&", "|", "<", ">"], ["(", ")"],
    ["1", ">", "2"], ["2>&1"], ["a&b|c"], ['x" & echo y & "'], ["^^^"], ["a^", "b"], ["*.*"], ["@echo"], ["=,;"],
    ["", "", ""], ["/c"], ["-t|~|", "-r|!~|"], ["select 'a' + \"b\" < c"], ["\ttab"], ["y" * 3000], ['"' * 7],
    ["é€日"], ["\\" * 9 + '"'],
]  # fmt: skip
SETTINGS = settings(
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@pytest.fixture(scope="module")
def carrier(lab_up, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cmd")
    lab = lab_up(folder, {"name": "cmd", "stations": {"win": windows_site.station(codec="utf-8")}})
    windows_site.place_words_program(lab.root("win"), folder)
    carrier = windows_site.carrier(lab.variables("win"), impax_codec="utf-8")
    yield carrier
    carrier.connection.close()


def arrived(outcomes):
    assert [outcome.state for outcome in outcomes] == [State.ENDED] * len(outcomes), [o.why for o in outcomes]
    for outcome in outcomes:
        assert (outcome.exit_code, outcome.err) == (len(outcome.command.words) - 1, "")
    return [windows_site.words_printed(outcome.stdout) for outcome in outcomes]


def test_known_edges_in_one_batch(carrier):
    sent = [words for words in EDGES if cmd.is_companion(Command(("words", *words)))]
    assert len(sent) == len([words for words in EDGES if "!" not in "".join(words)])
    assert arrived(carrier.run([Command(("words", *words)) for words in sent])) == sent


@settings(SETTINGS, max_examples=6)
@given(st.lists(WORDS, min_size=20, max_size=40))
def test_words_in_a_batch(carrier, lists):
    sent = [words for words in lists if cmd.is_companion(Command(("words", *words)))]
    refused = [words for words in lists if words not in sent]
    assert all(set("%!") & set("".join(words)) for words in refused)
    assert arrived(carrier.run([Command(("words", *words)) for words in sent])) == sent


@settings(SETTINGS, max_examples=20)
@given(WORDS)
def test_words_alone_whatever_they_are(carrier, words):
    """``!`` goes by a line of its own, ``%`` without cmd.exe: nothing that can be written at all is refused."""
    outcome = carrier.run([Command(("words", *words), stdin="x")])
    assert arrived(outcome) == [words]


@settings(SETTINGS, max_examples=12)
@given(st.text(st.sampled_from(SIGNS), min_size=1, max_size=20))
def test_a_variable_of_a_command_arrives(carrier, value):
    command = Command(("cmd.exe", "/v:on", "/c", "echo", "!IMPAX_X!"), environment={"IMPAX_X": value})
    (outcome,) = carrier.run([command])
    if outcome.state is State.NOT_BEGUN:
        assert value.count("%") > 1
    else:
        assert outcome.out == f'"{value}"\n'


def test_each_command_has_its_own_exit_code_and_streams(carrier):
    commands = [
        Command(("cmd.exe", "/c", "exit", "3010")),
        Command(("cmd.exe", "/c", "exit", "-1")),
        Command(("cmd.exe", "/c", "echo out& echo err>&2& exit 7")),
        Command(("nosuchprogram", "x")),
        Command(("words", "last")),
    ]
    outcomes = carrier.run(commands)
    assert [outcome.exit_code for outcome in outcomes] == [3010, -1, 7, 9009, 1]
    assert (outcomes[2].out, outcomes[2].err) == ("out\n", "err\n")
    assert windows_site.words_printed(outcomes[4].stdout) == ["last"]


def test_an_exit_code_is_not_that_of_the_command_before(carrier):
    outcomes = carrier.run([Command(("cmd.exe", "/c", "exit", "5")), Command(("cmd.exe", "/c", "exit", "0"))] * 3)
    assert [outcome.exit_code for outcome in outcomes] == [5, 0] * 3


def test_commands_of_cmd_itself(carrier):
    outcomes = carrier.run(
        [
            Command(("mkdir", "C:\\a b & (c)"), builtin=True),
            Command(("dir", "/b", "C:\\a b & (c)\\.."), builtin=True),
            Command(("if", "exist", "C:\\a b & (c)", "echo", "yes"), builtin=True),
            Command(("rd", "C:\\a b & (c)"), builtin=True),
            Command(("if", "exist", "C:\\a b & (c)", "echo", "yes"), builtin=True),
        ]
    )
    assert "a b & (c)" in outcomes[1].out.splitlines()
    assert (outcomes[2].out, outcomes[4].out) == ("yes\n", "")


def test_a_batch_over_the_limit_runs_whole(carrier):
    sent = [["y" * 700, str(number)] for number in range(30)]
    assert arrived(carrier.run([Command(("words", *words)) for words in sent])) == sent


def test_a_long_line_is_refused_before_it_is_sent(carrier):
    (outcome,) = carrier.run([Command(("dir", "y" * 8000), builtin=True)])
    assert outcome.state is State.NOT_BEGUN and "8000" in outcome.why
