# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker of the Solaris Bourne shell's limits."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells.bourne_limits import complaints, program_complaints

REFUSED = [
    "x=$(date)", 'echo "$(date)"', "n=$((n+1))", "! test -f x", "if ! test -f x; then :; fi", "export A=b", "echo ${x%.*}", "echo ${#x}",
    "test -e /x", "[ -e /x ]", "[[ a = b ]]", "local a", "command -v x", "cd -", "echo -n x", "ls ~/x", "a^b", "ls ^ wc",
    "while read a; do :; done < /x", "set -o pipefail", "kill -s TERM 1", "cat <<<x", "x=${A:?}", "test a == b", "ls {a,b}",
    "source x", "(( n++ ))", "diff <(a) <(b)", "x &> y", "case a in (a) :;; esac",
]  # fmt: skip
ALLOWED = [
    "x=`date`", "echo '$(date) ^ ~ ! x'", "A=b; export A", "if test ! -f x; then :; fi", "test -f x && echo y", "n=`expr $n + 1`",
    "cat <<'E'\n$(x) ^ ! y\nexport A=b\nE\necho z", "kill -TERM 1", "# $(comment)\necho x", "trap 'rm -f x' 0 1 2 15", "echo \"a ^ b\"",
    "nohup sh x >y 2>&1 </dev/null &", "case a in a) :;; esac", "echo ${x:-d}",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_bourne_shell_refuses_is_found(text):
    assert complaints(text)


@pytest.mark.parametrize("text", ALLOWED)
def test_what_it_runs_is_left_alone(text):
    assert complaints(text) == []


def test_an_ending_may_have_a_hyphen():
    assert complaints("cat <<'a-b'\nexport A=b\na-b\n") == []


def test_a_complaint_names_the_line_after_a_here_document():
    assert complaints("cat <<'E'\n1\n2\nE\nexport A=b\n") == ["line 5: export A=b"]


@pytest.mark.parametrize("words", [("/usr/bin/grep", "-q", "x"), ("id", "-u"), ("stat", "x"), ("ls", "--all")])
def test_programs_of_another_system_are_found(words):
    assert program_complaints(Command(words))


def test_programs_of_solaris_are_left_alone():
    assert program_complaints(Command(("grep", "-q-file"))) == []
    assert program_complaints(Command(("df", "-k", "/"))) == []
