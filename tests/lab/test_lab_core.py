# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own parts, without a station: sites and scenarios, faults, disks, the reading of shell texts."""

from __future__ import annotations

import errno
import json
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest
from impax_lab import calls, faults, program, site
from impax_lab.disks import Disks
from impax_lab.programs import cksum
from impax_lab.state import LabError, StationFolder
from impax_lab.unix import bourne, csh, relay

SCENARIOS = Path(site.__file__).parent / "scenarios"
STATION = {"system": "unix", "type": "as3000"}


# Sites -------------------------------------------------------------------------------------------------------------


def _load(folder: Path, text: str, *scenarios: str) -> site.Site:
    (folder / "site.yml").write_text(textwrap.dedent(text))
    paths = []
    for number, scenario in enumerate(scenarios):
        paths.append(folder / f"s{number}.yml")
        paths[-1].write_text(textwrap.dedent(scenario))
    return site.load(folder / "site.yml", paths)


def test_the_labs_own_sites_are_sound():
    demo = site.load(Path("demo"))
    types = {station.type for station in demo.stations.values()}
    assert types >= {"as3000", "as300_sqlserver", "as300_oracle", "connectivity_manager", "verify"}
    assert site.from_dict(json.loads(json.dumps(demo.as_dict()))) == demo


@pytest.mark.parametrize("scenario", sorted(path.stem for path in SCENARIOS.glob("*.yml")))
def test_the_labs_own_scenarios_fit_its_demo(scenario):
    made = site.load(Path("demo"), [Path(scenario)])
    assert made != site.load(Path("demo"))
    for fault in made.faults:
        faults.check(fault)


def test_a_scenario_changes_what_it_names_and_nothing_else(tmp_path):
    made = _load(
        tmp_path,
        """
        stations:
          a: {system: unix, tables: {audit: {rows: 5, key: id}}, disks: {/: 100}}
        """,
        """
        stations: {a: {tables: {AUDIT: {rows: 7, null_user_id: 2}}, accounts: {dba: locked}}}
        faults: [{station: a, program: exp, behaviour: killed}]
        """,
    )
    assert made.stations["a"].tables == {"audit": {"rows": 7, "key": "id", "null_user_id": 2}}
    assert made.stations["a"].disks == {"/": 100}
    assert made.stations["a"].accounts == {"dba": "locked"}
    assert [fault["behaviour"] for fault in made.faults] == ["killed"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stations: {}", "no stations"),
        ("stations: {a: {system: vms}}", "system is 'vms'"),
        ("stations: {a: {system: unix, disk: {/: 3}}}", "unknown disk"),
        ("stations: {a: {system: unix, disks: {/: -3}}}", "-3 MiB"),
        ("stations: {a: {system: unix, accounts: {x: gone}}}", "'gone'"),
        ("stations: {a: {system: unix, tables: {t: {rows: many}}}}", "'many'"),
        ("stations: {a: {system: unix, tables: {t: {rows: 1, null_user_id: 2}}}}", "more than rows"),
        ("stations: {a: {system: unix}, a: {system: unix}}", "stands there twice"),
        ("stations: {../a: {system: unix}}", "letters, digits"),
        ("stations: {a: {system: unix}}\nfaults: [{station: b, program: x, behaviour: hang}]", "no such station"),
        ("- a", "a mapping is meant"),
        ("stations: {a: {system: unix, users: 7}}", "users is 7"),
    ],
)
def test_a_wrong_site_is_refused_by_name(tmp_path, text, said):
    with pytest.raises(LabError, match=said):
        _load(tmp_path, text)


def test_a_scenario_of_another_site_is_refused(tmp_path):
    with pytest.raises(LabError, match="no station 'b'"):
        _load(tmp_path, "stations: {a: {system: unix}}", "stations: {b: {}}")


# Faults ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    made = StationFolder(tmp_path / "a")
    made.make()
    return made


def _fault(**given):
    return faults.check({"station": "a", "program": "ls", "behaviour": "slow", **given})


def test_the_nth_call_is_counted_from_the_moment_it_is_armed(folder):
    faults.add(folder.faults, [_fault(nth=2)])
    assert [faults.take(folder.faults, name) is not None for name in ("ls", "cat", "ls", "ls")] == [
        False,
        False,
        True,
        False,
    ]


def test_without_nth_every_call_is_hit_and_a_later_fault_comes_first(folder):
    faults.add(folder.faults, [_fault()])
    faults.add(folder.faults, [_fault(behaviour="hang", nth=1)])
    assert [faults.take(folder.faults, "ls").behaviour for _ in range(3)] == ["hang", "slow", "slow"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"behaviour": "melts"}, "'melts' of ls"),
        ({"program": "nothing"}, "no station has a program 'nothing'"),
        ({"nth": 0}, "nth is 0"),
        ({"nth": True}, "nth is True"),
        ({"when": 1}, "no field when"),
        ({"behaviour": None}, "needs a behaviour"),
    ],
)
def test_a_wrong_fault_is_refused(change, said):
    with pytest.raises(LabError, match=said):
        _fault(**change)


def test_every_behaviour_is_explained_and_every_generic_one_is_there():
    known = faults.behaviours()
    assert set(faults.GENERIC) <= set(known)
    assert set(faults.GENERIC) == set(faults._PERFORM)
    assert all(len(meaning) > 20 for meaning in known.values())


def test_every_program_says_what_it_is():
    for module in program.modules():
        assert module.NAMES and set(module.SYSTEMS) <= {"unix", "windows"}, module.__name__
        assert module.SOURCES and module.__doc__, module.__name__
        assert not set(getattr(module, "SPECIAL", {})) & set(faults.GENERIC), module.__name__
    for system in ("unix", "windows"):
        program.discover(system)


# Calls -------------------------------------------------------------------------------------------------------------


class _Station:
    """Enough of a station for a program: a root, a disk, a codec."""

    def __init__(self, root: Path, room: int = 1 << 20) -> None:
        self.root, self.free = root, room
        self.spec = SimpleNamespace(codec="latin-1", windows=False)

    def host_path(self, cwd: str, name: str) -> Path:
        return relay.host_path(self.root, cwd, name)

    def room(self, name: str, cwd: str = "") -> int:
        return self.free


def _call(tmp_path, words=("tool",), stdin=b"", room=1 << 20, **place):
    return program.HeldCall(_Station(tmp_path, room), list(words), stdin, **place)


def test_text_leaves_in_the_stations_codec_and_line_ends(tmp_path):
    call = _call(tmp_path)
    call.out("é\n")
    call.err(b"\xff\n")
    assert call.sent == {1: b"\xe9\n", 2: b"\xff\n"}
    call = _call(tmp_path, windows=True)
    call.out("é\n")
    assert call.sent[1] == b"\xe9\r\n"


def test_input_comes_by_lines_and_then_as_a_whole(tmp_path):
    call = _call(tmp_path, stdin=b"one\ntwo\nthree")
    assert (call.readline(), call.read(), call.readline()) == (b"one\n", b"two\nthree", b"")


def test_a_full_disk_takes_what_fits_and_says_so(tmp_path):
    call = _call(tmp_path, room=3)
    with pytest.raises(OSError) as error:
        call.write_file("/dump", b"12345")
    assert error.value.errno == errno.ENOSPC
    assert (tmp_path / "dump").read_bytes() == b"123"


def test_a_file_that_is_written_anew_gives_its_room_back(tmp_path):
    (tmp_path / "dump").write_bytes(b"1234")
    _call(tmp_path, room=1).write_file("/dump", b"12345")
    assert (tmp_path / "dump").read_bytes() == b"12345"


def _tool(main, **more):
    return SimpleNamespace(main=main, SPECIAL={}, **more)


def _perform(call, main, behaviour, **more):
    return faults.perform(call, _tool(main, **more), faults.Fault(behaviour, 0.05))


def _writes(call):
    call.out("written\n")
    call.err("careful\n")
    call.write_file("/file", b"0123456789")
    return 0


def test_exit_nonzero_does_the_work(tmp_path):
    call = _call(tmp_path)
    assert _perform(call, _writes, "exit_nonzero") == 1
    assert (tmp_path / "file").exists() and call.sent[1] == b"written\n"


def test_lying_zero_does_not_and_prints_a_failure(tmp_path):
    call = _call(tmp_path)
    assert _perform(call, _writes, "lying_zero", FAILURE="EXP-00000: failed\n") == 0
    assert not (tmp_path / "file").exists() and call.sent[2] == b"EXP-00000: failed\n"


def test_empty_output(tmp_path):
    call = _call(tmp_path)
    assert _perform(call, _writes, "empty_output") == 0
    assert call.sent == {1: b"", 2: b""} and (tmp_path / "file").exists()


def test_truncated_output_is_the_first_half(tmp_path):
    call = _call(tmp_path)
    assert _perform(call, _writes, "truncated_output") == 0
    assert call.sent == {1: b"written\n", 2: b""}


def test_translated_keeps_codes_and_numbers(tmp_path):
    def main(call):
        call.out("ORA-00942: table or view does not exist, 17 rows\n")
        return 3

    call = _call(tmp_path)
    table = {"table or view does not exist": "Tabelle fehlt", "rows": "Zeilen"}
    assert _perform(call, main, "translated", TRANSLATED=table) == 3
    assert call.sent[1] == b"ORA-00942: Tabelle fehlt, 17 Zeilen\n"


def test_hang_ends(tmp_path, monkeypatch):
    call = _call(tmp_path)
    monkeypatch.setattr(call, "signalled", lambda wait: None)
    assert _perform(call, _writes, "hang") == 1
    assert not (tmp_path / "file").exists()


def test_a_hanging_program_can_be_killed(tmp_path, monkeypatch):
    call = _call(tmp_path)
    monkeypatch.setattr(call, "signalled", lambda wait: 15)
    with pytest.raises(program.Killed) as end:
        _perform(call, _writes, "hang")
    assert end.value.signal == 15


def test_killed_leaves_half_a_file(tmp_path):
    call = _call(tmp_path)
    with pytest.raises(program.Killed):
        _perform(call, _writes, "killed")
    assert (tmp_path / "file").read_bytes() == b"01234"


def test_disk_full(tmp_path):
    call = _call(tmp_path)
    assert _perform(call, _writes, "disk_full") == 1
    assert (tmp_path / "file").read_bytes() == b"" and b"No space left" in call.sent[2]


def test_says_done_does_nothing(tmp_path):
    call = _call(tmp_path)
    assert _perform(call, _writes, "says_done_does_nothing") == 0
    assert not (tmp_path / "file").exists() and call.sent[1] == b"written\n"


def test_permission_denied(tmp_path):
    call = _call(tmp_path)
    assert _perform(call, _writes, "permission_denied") == 126
    assert call.sent == {1: b"", 2: b"tool: Permission denied\n"}


def test_a_record_survives_a_torn_line_and_odd_bytes(tmp_path):
    path = tmp_path / "calls.jsonl"
    calls.record(path, {"words": ["caf\udce9", "한"]})
    with path.open("ab") as file:
        file.write(b'{"words": ["to')
    assert list(calls.recorded(path)) == [{"words": ["caf\udce9", "한"]}]


# Disks and paths ---------------------------------------------------------------------------------------------------


def test_free_room_shrinks_with_what_lies_there_and_grows_back(folder):
    disks = Disks(
        folder, site.from_dict({"stations": {"a": {**STATION, "disks": {"/": 10, "/backup": 2}}}}).station("a")
    )
    disks.prepare()
    file = folder.root / "backup/dump"
    file.write_bytes(b"x" * (1 << 20))
    free = {disk.mount: disk.free for disk in disks.all()}
    assert free == {"/": 10 << 20, "/backup": 1 << 20}
    assert disks.room(folder.root / "backup/other") == 1 << 20
    file.unlink()
    assert disks.room(file) == 2 << 20
    disks.prepare()
    assert disks.room(file) == 2 << 20


def test_no_path_leads_out_of_the_station(tmp_path):
    root = tmp_path / "root"
    (root / "usr/bin").mkdir(parents=True)
    (root / "bin").symlink_to("usr/bin")
    (root / "usr/etc").symlink_to("/etc")
    (root / "up").symlink_to("../../..")
    assert relay.host_path(root, "/", "../../etc/passwd") == root / "etc/passwd"
    assert relay.host_path(root, "/bin", "ls") == root / "usr/bin/ls"
    assert relay.host_path(root, "/", "/usr/etc/passwd") == root / "etc/passwd"
    assert relay.host_path(root, "/", "/up/x") == root / "x"
    assert relay.host_path(root, "/usr", "./bin//ls") == root / "usr/bin/ls"


def test_cksum_is_that_of_posix():
    assert (cksum.checksum(b""), cksum.checksum(b"123456789")) == (4294967295, 930766865)


# Shell texts -------------------------------------------------------------------------------------------------------

REFUSED = {  # measured: the OpenSolaris shell refuses these, or understands them otherwise
    "x=$(echo hi); echo $x": "$(...)",
    "! false && echo ok": "! is not there",
    "export A=b; echo $A": "export NAME=value",
    "echo $((1+2))": "$((...))",
    "ls ~root": "~ is not expanded",
    "x=a.b; echo ${x%.b}": "${...} of another shell",
    'x=abc; echo "${#x}"': "${...} of another shell",
    "[[ a = a ]] && echo ok": "[[ is not there",
    "test -e /etc/passwd && echo ok": "test has no -e",
    "function f { echo ok; }; f": "function is not there",
    "cat <<< ok": "<<<",
    "f() { local a=1; echo $a; }; f": "local is not there",
    "echo ok 2>&1 |& cat": "|&",
    "echo ok &> /dev/null": "&>",
    "set -o pipefail": "set -o",
    "kill -s TERM $$": "kill -s",
    "command -v ls": "command is not there",
    "echo ok ^ cat": "an unquoted ^ is a pipe",
    "ls [^a]*": "an unquoted ^ is a pipe",
    "echo -n ok": "echo -n and -e print themselves",
    "x=0; while read l; do x=1; done < /f; echo $x": "a redirected loop runs in a subshell: its variables are lost",
    "case a in (a) echo ok;; esac": "case with (pattern)",
    "cd /; cd -": "cd -",
    "echo `id -u`": "an option that /usr/bin/id has not got",
    "cat <<EOF\n$(id)\nEOF": "$(...)",
    "grep -q x /f": "an option that /usr/bin/grep has not got",
    "head -c 3 /f": "head -c",
    "sleep 0.5": "sleep takes whole seconds",
    "date '+%s'": "date %s",
    "if true; then tail -n 3 /f; fi": "tail -n",
    "mkdir --parents /x": "a GNU option",
}
ACCEPTED = [  # measured: the OpenSolaris shell does with these what dash does
    "echo `echo ok`",
    "echo ${X:-d} ${X-d} ${X:+d} ${X:?no}",
    "f() { echo ok; }; f",
    "trap 'echo bye' 0; echo ok",
    "[ 1 -eq 1 -a 2 -eq 2 ] && echo ok",
    "A=1 env",
    "A=1; export A",
    "exec 3>/dev/null",
    "case b in [!a]) echo ok;; esac",
    "set a b; for i do echo $i; done",
    "(echo ok)",
    "{ echo ok; }",
    'echo "`echo \\"a b\\"`"',
    "IFS=:; set a:b; echo $1",
    "if test ! -d /nope; then echo ok; fi",
    "nohup sh -c 'echo x' >/dev/null 2>&1 </dev/null &",
    "umask 077",
    "cat <<'EOF'\n$(id) ${x%y} ~ [[\nEOF",
    "echo '$(id) ^ ~'",
    "sed -e 's/^a$/b/' /f",
    "echo a'b'\"c\"\\^",
    "kill -0 $$",
    "# $(comment)\necho ok",
    "awk '{ print $1 }' /f | sort -n",
    "find /x -name '*.dmp' -exec ls -l {} \\;",
    "x=1; until test $x -gt 3; do x=`expr $x + 1`; done",
    "cat <<-EOF\n\tx\n\tEOF\necho ok",
    "echo $# $* $@ $? $$ $! $-",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_bourne_shell_has_not_got_is_named(text):
    assert REFUSED[text] in [complaint.rule for complaint in bourne.lint(text)]


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_it_has_is_not(text):
    assert bourne.lint(text) == []


def test_a_complaint_names_its_line():
    assert [(c.line, c.excerpt) for c in bourne.lint("echo ok\n\ncat <<'E'\nx\nE\necho $(id)")] == [(6, "$(id)")]


def test_the_programs_of_a_text():
    text = "f() { ls; }; f; A=1 df -k | awk '{print}'; case $x in a|b) od;; *) /usr/bin/tr;; esac; `who`"
    text += "; for i in a b; do wc; done"
    assert bourne.programs(text) == ["/usr/bin/tr", "awk", "df", "ls", "od", "wc", "who"]


@pytest.mark.parametrize("text", ["/bin/sh", "su - service -c '/bin/sh'", "ls -l /x"])
def test_csh_takes_plain_words(text):
    assert csh.plain_words(text) == text.replace("'", "").split()


@pytest.mark.parametrize("text", ["ls > /x", "a; b", "echo $HOME", "ls *", "a && b", "echo 'a!b'", "", "a 'b"])
def test_csh_takes_nothing_more(text):
    with pytest.raises(csh.NotPlain):
        csh.plain_words(text)
