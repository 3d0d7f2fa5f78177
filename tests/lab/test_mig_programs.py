# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's programs of the Migration Toolbox: what they leave in the database, and each way in which they lie."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from impax_lab import disks, faults
from impax_lab import site as sites
from impax_lab.engine.mssql import Server
from impax_lab.engine.oracle import Instance
from impax_lab.program import HeldCall, Killed, discover
from impax_lab.programs import build_impax_mig_schema as schema
from impax_lab.state import StationFolder
from impax_lab.unix import relay
from impax_lab.windows import paths

STATUS = ["ARCHIVED", "ARCHIVED", "PARTIAL", "NONE"]
UNIX: dict[str, Any] = {
    "type": "as3000", "system": "unix", "release": "5.10", "disks": {"/": 1000},
    "users": {"oracle": {"group": "dba"}, "mvf": {"group": "mvf"}},
    "oracle": {"name": "MVF", "users": {"SYS": {"password": "sys-Lab-1"}, "DBADMIN": {"password": "d-1"}, "MVF": {"password": "m-1"}}},
    "tables": {"dosr_study": {"owner": "DBADMIN", "key": "ref", "rows": 8, "columns": {
        "ref": {"type": "number(12)", "null": False, "values": "sequence"},
        "archive_status": {"type": "varchar2(16)", "values": STATUS}}}},
}  # fmt: skip
WINDOWS: dict[str, Any] = {
    "type": "as300_sqlserver", "system": "windows", "release": "6.0.6002", "codec": "cp850", "user": "AgfaService",
    "disks": {"C:": 1000},
    "sqlserver": {"version": "9.00.5000.00", "logins": {"sa": {"password": "sa-Lab-1"}, "mvf": {"password": "m-1"}},
                  "windows_logins": ["AgfaService"], "databases": {"mvf": {}}},
    "tables": {"dosr_study": {"owner": "dbo", "database": "mvf", "key": "ref", "rows": 8, "columns": {
        "ref": {"type": "int", "null": False, "values": "sequence"},
        "archive_status": {"type": "varchar(16)", "values": STATUS}}}},
}  # fmt: skip
PROGRAMS = {system: discover(system) for system in ("unix", "windows")}
BUILD = {"unix": ("./build-impax-mig-schema",), "windows": ("build-impax-mig-schema.bat", "sa", "sa-Lab-1", "mvf")}
REPORT = {
    "unix": ("mig-study-archive-report", "-o"),
    "windows": ("mig-study-archive-report.exe", "-d", "mvf", "-U", "mvf", "-P", "m-1"),
}
REPORTER = {
    "unix": ("mig_reporter", "-t", "mig-study-archive-report"),
    "windows": ("mig_reporter.exe", "-d", "mvf", "-t", "mig-study-archive-report"),
}
EVERY = len(schema.TABLES)


class Station(SimpleNamespace):
    def host_path(self, cwd: str, name: str) -> Path:
        where = paths if self.spec.windows else relay
        return where.host_path(self.folder.root, cwd, name)

    def room(self, name: str, cwd: str = "") -> int:
        return self.disks.room(self.host_path(cwd, name))

    def objects(self) -> list[str]:
        """What `impax-lab sql` shows."""
        if self.spec.oracle:
            found = self.engine.inspect("select table_name as n from dba_tables where owner = 'MVF'")
        else:
            found = self.engine.inspect("select name as n from sysobjects where xtype = 'U'", "mvf")
        names = [str(next(iter(row.values()))) for row in found]
        return sorted(name for name in names if name.upper().startswith("MIG_"))


def station(folder: Path, spec: dict[str, Any], **differs: Any) -> Station:
    described = sites.from_dict({"stations": {"s": sites.merged(spec, differs)}}).station("s")
    place = StationFolder(folder / "s")
    place.make()
    own = disks.Disks(place, described)
    own.prepare()
    product, make = ("oracle", Instance) if described.oracle else ("sqlserver", Server)
    engine = make(place.engine / product, described.engine_spec(product))
    return Station(
        spec=described, folder=place, disks=own, root=place.root, name="s", engine=engine, **{product: engine}
    )


@pytest.fixture(params=["unix", "windows"])
def s(request, tmp_path):
    made = station(tmp_path, UNIX if request.param == "unix" else WINDOWS)
    yield made
    made.engine.close()


def ran(on: Station, words: tuple[str, ...], behaviour: str | None = None, **more: Any) -> HeldCall:
    windows = on.spec.windows
    flags = {name: more.pop(name) for name in ("pretend", "full", "dies") if name in more}
    place = {"user": "AgfaService" if windows else "oracle", "cwd": "C:\\" if windows else "/", **more}
    call = HeldCall(on, list(words), windows=windows, **place)
    call.behaviour = behaviour
    for name, value in flags.items():
        setattr(call, name, value)
    call.code = faults.guarded(call, PROGRAMS[on.spec.system][call.name].main)
    call.printed = call.sent[1].decode(on.spec.codec).replace("\r\n", "\n")
    return call


def build(on: Station, **more: Any) -> HeldCall:
    return ran(on, BUILD[on.spec.system], **more)


# The schema


def test_a_build_makes_its_tables_and_a_second_one_says_that_they_are_there(s):
    first = build(s)
    assert (first.code, len(s.objects())) == (0, EVERY)
    assert "ORA-" not in first.printed and "Msg " not in first.printed
    second = build(s)
    assert (second.code, len(s.objects())) == (0, EVERY)
    assert second.printed.count("ORA-00955" if s.spec.oracle else "Msg 2714, Level 16") == EVERY


@pytest.mark.parametrize("how", [{"behaviour": "half_way"}, {"full": True}])
def test_without_room_some_are_missing_and_it_ends_with_0(s, how):
    call = build(s, **how)
    assert call.code == 0 and 0 < len(s.objects()) < EVERY
    assert ("ORA-01658" if s.spec.oracle else "Msg 1105") in call.printed and "Finished." in call.printed


def test_lost_half_way_without_a_word(s):
    call = build(s, behaviour="lost_half_way")
    assert (
        call.code == 0
        and len(s.objects()) == EVERY // 2
        and not any(code in call.printed for code in ("ORA-", "Msg ", "Finished."))
    )


def test_killed_half_way(s):
    with pytest.raises(Killed):
        build(s, dies=True)
    assert len(s.objects()) == EVERY // 2


def test_says_done_and_does_nothing(s):
    honest = station(s.folder.root.parent / "other", UNIX if s.spec.oracle else WINDOWS)
    assert build(s, pretend=True).printed == build(honest).printed
    assert s.objects() == [] and len(honest.objects()) == EVERY
    honest.engine.close()


def test_a_database_that_is_down(s):
    call = build(s, behaviour="not_available" if s.spec.oracle else "no_server")
    assert call.code == 0 and s.objects() == []
    assert ("ORA-01034" if s.spec.oracle else "Login timeout expired") in call.printed


def test_a_wrong_password_of_sa(tmp_path):
    on = station(tmp_path, WINDOWS)
    call = ran(on, ("build-impax-mig-schema.bat", "sa", "old", "mvf"))
    assert call.code == 0 and on.objects() == [] and "Msg 18456, Level 14" in call.printed
    assert ran(on, ("build-impax-mig-schema.bat", "sa")).code == 1
    on.engine.close()


def test_on_solaris_only_the_group_dba_may(tmp_path):
    on = station(tmp_path, UNIX)
    call = build(on, user="mvf")
    assert call.code == 0 and "ORA-01031" in call.printed and on.objects() == []
    on.engine.close()


def test_a_build_takes_its_time(tmp_path):
    on = station(tmp_path, UNIX, options={"mig_schema_s": 0.01})
    waited: list[float] = []

    class Patient(HeldCall):
        def signalled(self, wait):
            waited.append(wait)

    call = Patient(on, list(BUILD["unix"]), user="oracle")
    assert schema.main(call) == 0 and waited == [0.01] * EVERY
    on.engine.close()


# The report


def figures(printed: str) -> dict[str, int]:
    lines = [line.split(":") for line in printed.splitlines() if ":" in line]
    return {label.strip(): int(count) for label, count in lines}


def test_counts_of_the_table_and_a_file_with_them(s):
    report = ran(s, REPORT[s.spec.system])
    assert report.code == 0
    assert list(figures(report.printed).values()) == [8, 4, 2, 2]
    again = ran(s, REPORT[s.spec.system])
    assert again.printed == report.printed
    written = ran(s, REPORTER[s.spec.system])
    path = written.printed.split(" to ")[1].strip()
    text = s.host_path("", path).read_text()
    assert [line.split("\t")[1] for line in text.splitlines() if "\t" in line] == ["8", "4", "2", "2"]
    assert s.objects() == []


def test_counts_that_the_site_gives(tmp_path):
    on = station(tmp_path, UNIX, options={"studies": {"total": 400, "archived": 388}})
    assert list(figures(ran(on, REPORT["unix"]).printed).values()) == [400, 388, 0, 12]
    on.engine.close()


def test_no_report_no_file(s):
    call = ran(s, REPORTER[s.spec.system])
    assert call.code == 0 and ("ORA-00942" if s.spec.oracle else "Msg 208") in call.printed


@pytest.mark.parametrize("behaviour", ["other_words", "no_counts"])
def test_a_report_in_other_words(s, behaviour):
    call = ran(s, REPORT[s.spec.system], behaviour)
    assert call.code == 0 and "Not archived" not in call.printed


def test_a_report_whose_database_is_down(s):
    call = ran(s, REPORT[s.spec.system], "not_available" if s.spec.oracle else "no_server")
    assert call.code == 0 and "rchived:" not in call.printed
    assert ("ORA-01034" if s.spec.oracle else "Login timeout expired") in call.printed


@pytest.mark.parametrize(("behaviour", "path", "size"), [("no_path", False, 1), ("empty_file", True, 0)])
def test_a_file_that_is_not_as_told(s, behaviour, path, size):
    ran(s, REPORT[s.spec.system])
    call = ran(s, REPORTER[s.spec.system], behaviour)
    (file,) = list((s.root / ("c/mvf-mig6" if s.spec.windows else "usr/mvf-mig6")).rglob("*.txt"))
    assert (file.name in call.printed) is path and bool(file.stat().st_size) is bool(size)


@pytest.mark.parametrize("words", [(), ("-x",), ("-t",), ("-t", "other")])
def test_wrong_words(s, words):
    assert ran(s, (REPORTER[s.spec.system][0], *words)).code == 2
    assert ran(s, (REPORT[s.spec.system][0], *words)).code == 2


def test_the_words_of_the_other_system_are_wrong(s):
    other = "unix" if s.spec.windows else "windows"
    assert ran(s, REPORT[other]).code == 2
