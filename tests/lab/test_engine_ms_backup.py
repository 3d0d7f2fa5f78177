# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of the simulated SQL Server: what is refused, what lies in the file, what reading it says, and the faults."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

import pytest
from impax_lab.engine.ms import backup_faults
from impax_lab.engine.mssql import Message, Rows
from impax_lab.programs import osql
from support.engines import server, short, value

FILE = r"D:\backup\mvf.bak"
VERSIONS = ("2000", "2005", "2008")
DENIED = {"logins": {"sa": {"password": "sa-Lab-9043"}, "reader": {"password": "r-Lab-1", "sysadmin": False}}}


class Station:
    """A server with a folder D:\\backup, and one session on it."""

    def __init__(self, folder, **differs):
        self.server = server(folder, **{"databases": {"mvf": {"used_mb": 8}}, **differs})
        self.server.place(FILE).parent.mkdir(parents=True, exist_ok=True)
        self.session = self.server.logon("sa", "sa-Lab-9043", "master")

    def told(self, batch):
        return [short(answer) for answer in self.session.batch(batch)]

    def texts(self, batch):
        return [answer.text for answer in self.session.batch(batch) if isinstance(answer, Message)]

    def rows(self, batch):
        found = next(answer for answer in self.session.batch(batch) if isinstance(answer, Rows))
        names = [column.name for column in found.columns]
        return [dict(zip(names, row, strict=True)) for row in found.rows]

    def backup(self, options="", path=FILE, database="mvf"):
        return self.told(f"backup database {database} to disk = N'{path}'{options and ' with ' + options}")

    def verify(self, options="", path=FILE):
        return self.told(f"restore verifyonly from disk = N'{path}'{options and ' with ' + options}")

    def header(self, path=FILE):
        return self.rows(f"restore headeronly from disk = '{path}'")


GOOD = [4035, 4035, 3014]


@pytest.fixture(params=VERSIONS)
def station(request, tmp_path):
    made = Station(tmp_path, version=request.param)
    yield made
    made.server.close()


@pytest.fixture
def make(tmp_path):
    made = []

    def maker(**differs):
        made.append(Station(tmp_path / str(len(made)), **differs))
        return made[-1]

    yield maker
    for each in made:
        each.server.close()


# A good one ---------------------------------------------------------------------------------------------------------


def test_a_backup_is_a_file_that_is_as_big_as_what_is_in_it(station):
    answers = station.session.batch(f"backup database [mvf] to disk = N'{FILE}' with init, name = N'complete'")
    data, log, done = (answer.text for answer in answers)
    pages = int(data.split()[1])
    assert pages * 8192 > 8 << 20
    assert data == f"Processed {pages} pages for database 'mvf', file 'mvf' on file 1."
    assert log == "Processed 2 pages for database 'mvf', file 'mvf_log' on file 1."
    assert done.startswith(f"BACKUP DATABASE successfully processed {pages + 2} pages in ") and done.endswith(
        " MB/sec)."
    )
    assert {answer.level for answer in answers} == {0}
    size = station.server.place(FILE).stat().st_size
    assert (pages + 2) * 8192 < size < (pages + 2) * 8192 + 65536
    assert station.server.place(FILE).read_bytes()[:4] == b"TAPE"
    (header,) = station.header()
    assert (header["DatabaseName"], header["BackupType"], header["BackupName"], header["ServerName"]) == (
        "mvf",
        1,
        "complete",
        "AS300",
    )
    assert abs(header["BackupFinishDate"] - datetime.now()) < timedelta(seconds=30)
    assert header["BackupStartDate"] <= header["BackupFinishDate"]
    assert abs(int(header["BackupSize"]) - size) < 131072


def test_verifyonly_says_valid_in_the_words_of_the_version(station):
    station.backup()
    word = "The backup set is valid." if station.session.version == 8 else "The backup set on file 1 is valid."
    assert station.texts(f"restore verifyonly from disk = '{FILE}'") == [word]


@pytest.mark.parametrize(("version", "header", "files", "label", "last"), [
    ("2000", 33, 6, 11, "Collation"), ("2005", 51, 20, 12, "BackupSetGUID"), ("2008", 52, 21, 13, "CompressedBackupSize"),
])  # fmt: skip
def test_columns_of_each_version(make, version, header, files, label, last):
    station = make(version=version)
    station.backup()
    assert len(station.header()[0]) == header
    assert list(station.header()[0])[-1] == last
    found = station.rows(f"restore filelistonly from disk = '{FILE}'")
    assert [(row["LogicalName"], row["Type"]) for row in found] == [("mvf", "D"), ("mvf_log", "L")]
    assert len(found[0]) == files
    assert len(station.rows(f"restore labelonly from disk = '{FILE}'")[0]) == label


def test_stats_come_before_the_log_and_100_behind_the_data(station):
    found = station.texts(f"backup database mvf to disk = '{FILE}' with stats = 25")
    assert [text.split()[0] for text in found] == ["25", "50", "75", "Processed", "100", "Processed", "BACKUP"]
    assert len(station.texts(f"backup database mvf to disk = '{FILE}' with init, stats")) == 9 + 4


def test_noinit_appends_init_begins_anew(station):
    station.backup("init, name = 'one'")
    station.backup("noinit, name = 'two'")
    station.backup("name = 'three'")
    assert [(row["Position"], row["BackupName"]) for row in station.header()] == [(1, "one"), (2, "two"), (3, "three")]
    assert station.verify("file = 3") == [3262]
    assert station.verify("file = 4") == [4038, 3013]
    station.backup("init, name = 'four'")
    assert [row["BackupName"] for row in station.header()] == ["four"]


def test_names_may_be_variables(station):
    batch = f"declare @n sysname, @p nvarchar(260) select @n = 'mvf', @p = '{FILE}' backup database @n to disk = @p with init"
    assert station.told(batch) == GOOD


def test_a_bare_name_lies_in_the_servers_own_folder(station):
    assert station.backup(path="mvf.bak") == GOOD
    assert station.server.place(rf"{station.server.backup_folder}\mvf.bak").exists()


def test_differential_and_log_stand_on_a_full_one(station):
    assert station.backup("differential") == [3035, 3013]
    assert station.told(f"backup log mvf to disk = '{FILE}'") == [4214, 3013]
    station.backup()
    assert station.texts(f"backup database mvf to disk = '{FILE}' with differential")[-1].startswith(
        "BACKUP DATABASE WITH DIFFERENTIAL successfully"
    )
    assert station.told(f"backup log mvf to disk = '{FILE}'") == [4035, 3014]
    assert [row["BackupType"] for row in station.header()] == [1, 5, 2]
    station.told("alter database mvf set recovery simple")
    assert station.told(f"backup log mvf to disk = '{FILE}'") == [4208, 3013]


def test_a_copy_is_no_base(make):
    station = make(version="2005")
    station.backup("copy_only")
    assert station.header()[0]["IsCopyOnly"] == 1
    assert station.backup("differential") == [3035, 3013]


def test_stripes_belong_together(station):
    both = r"disk = 'D:\backup\a.bak', disk = 'D:\backup\b.bak'"
    assert station.told(f"backup database mvf to {both}") == GOOD
    assert station.told(f"restore verifyonly from {both}") == [3262]
    assert station.verify(path=r"D:\backup\a.bak") == [3132, 3013]
    assert station.backup(path=r"D:\backup\a.bak") == [3231, 3013]


def test_history_in_msdb(station):
    station.backup("name = 'one', description = 'first'")
    station.backup()
    station.backup(path=r"D:\backup\other.bak")
    query = (
        "select s.name, s.type, s.position, f.physical_device_name from msdb.dbo.backupset s join msdb.dbo.backupmediafamily f"
        " on f.media_set_id = s.media_set_id join msdb.dbo.backupmediaset m on m.media_set_id = s.media_set_id"
        " where s.database_name = 'mvf' order by s.backup_set_id"
    )
    (found, _) = station.told(query)
    assert found == [("one", "D", 1, FILE), (None, "D", 2, FILE), (None, "D", 1, r"D:\backup\other.bak")]
    (header,) = station.header(r"D:\backup\other.bak")
    moment = value(station.session, "select max(backup_finish_date) from msdb..backupset")
    assert moment == header["BackupFinishDate"]
    assert station.told("select * from master.dbo.backupset") == [208]
    later = station.told("select is_copy_only from msdb..backupset where position = 2")
    assert later == ([207] if station.session.version == 8 else [[(0,)], "1 rows"])


# What is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "option", "number"), [
    ("2000", "checksum", 155), ("2000", "copy_only", 155), ("2005", "compression", 155), ("2008", "compression", 1844), ("2005", "nonsense", 155),
    ("2005", "init, noinit", 3031), ("2008", "stats = 200", 3217),
])  # fmt: skip
def test_options_that_a_version_has_not_got(make, version, option, number):
    station = make(version=version)
    assert station.backup(option)[0] == number
    assert not station.server.place(FILE).exists()


def test_155_names_the_statement(make):
    station = make(version="2000")
    assert station.texts(f"backup database mvf to disk = '{FILE}' with checksum") == [
        "'checksum' is not a recognized BACKUP option."
    ]
    assert station.texts(f"restore verifyonly from disk = '{FILE}' with CHECKSUM") == [
        "'CHECKSUM' is not a recognized RESTORE option."
    ]


def test_compression_where_the_edition_has_it(make):
    assert make(version="10.50.1600.1").backup("compression") == GOOD


@pytest.mark.parametrize("batch", [
    "restore database mvf from disk = 'x'", "restore log mvf from disk = 'x'", "dbcc checkdb ('mvf')", "backup log mvf with truncate_only",
    "backup database mvf to disk = 'D:\\backup\\x' with password = 'x'", "backup database mvf file = 'mvf' to disk = 'x'", "backup database mvf to tape = 'x'",
])  # fmt: skip
def test_what_the_lab_has_not_got_is_noted(make, batch):
    station = make()
    assert station.told(batch)
    assert len(station.server.not_understood) == 1


def test_databases(station):
    assert station.backup(database="nix") == [911, 3013]
    assert station.backup(database="tempdb") == [3147, 3013]
    assert station.backup("differential", database="master") == [3024, 3013]
    assert station.backup(database="master") == GOOD
    text = station.texts(f"backup database nix to disk = '{FILE}'")[0]
    assert text.startswith(
        "Database 'nix' does not exist."
        if station.session.version == 10
        else "Could not locate entry in sysdatabases for database 'nix'."
    )


def test_the_batch_goes_on_and_error_is_3013(station):
    assert station.told(f"backup database nix to disk = '{FILE}' print @@error") == [911, 3013, "3013"]


def test_not_within_a_transaction(station):
    assert station.told(f"begin tran backup database mvf to disk = '{FILE}' rollback") == [3021, 3013]


def test_catch_sees_the_last_error(make):
    station = make(version="2005")
    batch = f"begin try backup database nix to disk = '{FILE}' end try begin catch print error_number() end catch"
    assert station.told(batch) == ["3013"]


def test_permissions(make):
    station = make(version="2008", **DENIED)
    station.backup()
    station.session = station.server.logon("reader", "r-Lab-1", "master")
    assert station.texts(f"backup database mvf to disk = '{FILE}'") == [
        "BACKUP DATABASE permission denied in database 'mvf'.", "BACKUP DATABASE is terminating abnormally."
    ]  # fmt: skip
    assert station.verify() == [262, 3013]


@pytest.mark.parametrize(("path", "error"), [
    (r"D:\nix\mvf.bak", "3(The system cannot find the path specified.)"), (r"D:\backup", "5(Access is denied.)"),
    (r"D:\secret\mvf.bak", "5(Access is denied.)"), (r"\\other\share\mvf.bak", "53(The network path was not found.)"),
    (r"D:\back|up\mvf.bak", "123(The filename, directory name, or volume label syntax is incorrect.)"),
    (r"C:\Program Files\Microsoft SQL Server\MSSQL.1\MSSQL\Data\mvf.mdf", "32(The process cannot access the file because it is being used by another process.)"),
])  # fmt: skip
def test_devices_that_cannot_be_opened(make, path, error):
    station = make(version="2005", no_access=[r"D:\secret"])
    assert station.texts(f"backup database mvf to disk = '{path}'") == [
        f"Cannot open backup device '{path}'. Operating system error {error}.", "BACKUP DATABASE is terminating abnormally."
    ]  # fmt: skip


def test_what_is_not_there_cannot_be_read(station):
    (said, end) = station.session.batch(f"restore verifyonly from disk = '{FILE}'")
    assert (said.number, said.level, said.state, end.text) == (
        3201,
        16,
        2,
        "VERIFY DATABASE is terminating abnormally.",
    )
    old = station.session.version == 8
    assert said.text.endswith(
        "See the SQL Server error log for more details."
        if old
        else "Operating system error 2(The system cannot find the file specified.)."
    )
    ends = {"headeronly": "RESTORE HEADERONLY", "filelistonly": "RESTORE FILELIST", "labelonly": "RESTORE LABELONLY"}
    for what, title in ends.items():
        assert station.texts(f"restore {what} from disk = '{FILE}'")[-1] == f"{title} is terminating abnormally."


def test_no_room(station, monkeypatch):
    monkeypatch.setattr(station.server, "free", lambda path: 1 << 20)
    (said, end) = station.session.batch(f"backup database mvf to disk = '{FILE}'")
    assert (said.number, end.number) == (3202, 3013)
    assert said.text == (
        f"Write on '{FILE}' failed, status = 112. See the SQL Server error log for more details." if station.session.version == 8
        else f'Write on "{FILE}" failed: 112(There is not enough space on the disk.)'
    )  # fmt: skip
    assert not station.server.place(FILE).exists()
    assert value(station.session, "select count(*) from msdb..backupset") == 0


def test_a_medium_that_is_kept(station):
    station.backup("retaindays = 3")
    assert station.backup("init") == [4030, 3013]
    assert station.backup("init, skip") == GOOD


# Files that are not what they should be -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "number"), [(b"", 3254), (b"no backup at all" * 100, 3242), (b"TAPE" + b"\xff" * 8192, 3241)]
)
def test_files_that_hold_no_backup(station, data, number):
    station.server.place(FILE).write_bytes(data)
    assert station.verify() == [number, 3013]
    assert station.told(f"restore headeronly from disk = '{FILE}'") == [number, 3013]
    assert station.backup() == (GOOD if not data else [number, 3013])
    assert station.backup("format") == GOOD


def test_a_file_that_ends_too_early(station):
    station.backup()
    place = station.server.place(FILE)
    os.truncate(place, place.stat().st_size // 2)
    assert station.verify() == [3203, 3013]
    assert station.backup("noinit") == [3266, 3013]
    assert station.backup("init") == GOOD
    os.truncate(place, 4096)
    assert station.verify() == [3208, 3013]


def test_other_bytes_are_seen_where_there_are_checksums(make):
    station = make(version="2005")
    for options, seen in (("checksum", [3189, 3013]), ("no_checksum", [3262])):
        station.backup(f"init, {options}")
        with station.server.place(FILE).open("r+b") as file:
            file.seek(2_000_000)
            file.write(b"spoilt")
        assert station.verify() == seen
    assert station.verify("checksum") == [3187, 3013]


def test_a_page_of_the_hole_counts_too(make):
    station = make(version="2008")
    station.backup("checksum")
    with station.server.place(FILE).open("r+b") as file:
        file.seek(7_000_000)
        file.write(b"\x01")
    assert station.verify() == [3189, 3013]


def test_a_corrupt_page_of_the_database_stops_a_backup_with_checksums(make):
    station = make(version="2005", databases={"mvf": {"used_mb": 4, "corrupt_page": 153}})
    assert station.texts(f"backup database mvf to disk = '{FILE}' with checksum")[0].startswith(
        "BACKUP 'mvf' detected an error on page (1:153) in file '"
    )
    assert station.header()[0]["BackupName"] == "*** INCOMPLETE ***"
    assert station.backup("init") == GOOD


def test_a_newer_servers_file_cannot_be_read(make):
    new, old = make(version="2008"), make(version="2000")
    new.backup()
    old.server.place(FILE).write_bytes(new.server.place(FILE).read_bytes())
    assert old.verify() == [3241, 3013]


# Faults -------------------------------------------------------------------------------------------------------------


def test_the_clients_know_every_fault():
    assert {name for name in osql.SPECIAL if name.startswith(("backup_", "verify_"))} == set(backup_faults.FAULTS)


@pytest.mark.parametrize(("fault", "said", "verified", "exists"), [
    ("backup_empty_file", GOOD, [3254, 3013], True), ("backup_nothing_written", GOOD, [3201, 3013], False), ("backup_truncated", GOOD, [3203, 3013], True),
    ("backup_corrupt_page", GOOD, [3189, 3013], True), ("backup_other_database", GOOD, [3262], True), ("backup_differential", GOOD, [3262], True),
    ("backup_zero_verified", GOOD, [3262], True), ("backup_half_way", [3271, 3013], [3256, 3013], True), ("backup_wrong_file", GOOD, [3201, 3013], False),
    ("backup_old_header", GOOD, [3262], True), ("backup_no_history", GOOD, [3262], True), ("verify_lies", GOOD, [3262], True), ("verify_damaged", GOOD, [3189, 3013], True),
])  # fmt: skip
@pytest.mark.parametrize("way", ["call", "site"])
def test_faults(make, way, fault, said, verified, exists):
    station = make(
        version="2005", databases={"mvf": {"used_mb": 2, **({"backup_fault": fault} if way == "site" else {})}}
    )
    if way == "call":
        station.session.backup_fault = fault
    assert station.backup("checksum") == said
    assert station.server.place(FILE).exists() == exists
    assert station.verify() == verified


def test_what_faults_leave_behind(make):
    station = make(version="2005")

    def left(fault):
        station.session.backup_fault = fault
        station.backup("init")
        return station.header()[0] if station.server.place(FILE).stat().st_size else None

    assert left("backup_other_database")["DatabaseName"] == "model"
    assert (left("backup_differential")["BackupType"], left("")["BackupType"]) == (5, 1)
    assert datetime.now() - left("backup_old_header")["BackupFinishDate"] > timedelta(days=29)
    assert left("backup_half_way")["BackupName"] == "*** INCOMPLETE ***"
    before = value(station.session, "select count(*) from msdb..backupset")
    left("backup_no_history")
    assert value(station.session, "select count(*) from msdb..backupset") == before
    left("backup_wrong_file")
    assert station.header(rf"{station.server.backup_folder}\mvf.bak")[0]["DatabaseName"] == "mvf"


def test_lies_about_what_is_not_there(make):
    station = make(version="2000")
    station.session.backup_fault = "verify_lies"
    assert station.verify() == [3262]
    station.session.backup_fault = ""
    assert station.verify() == [3201, 3013]


def test_a_killed_client_leaves_half_a_file(make):
    station = make()
    station.session.backup_fault = "killed"
    assert station.backup() == []
    station.session.backup_fault = ""
    assert station.verify() == [3256, 3013]
    assert value(station.session, "select count(*) from msdb..backupset") == 0


# What the site describes --------------------------------------------------------------------------------------------


def backups(*described):
    return {"databases": {"mvf": {"used_mb": 2, "backups": [{"path": FILE, **each} for each in described]}}}


def test_backups_of_the_site_lie_there(make):
    station = make(
        version="2005",
        **backups({"age_h": 2, "type": "differential"}, {"age_h": 30, "checksum": True, "name": "nightly"}),
    )
    first, second = station.header()
    assert (first["BackupName"], first["BackupType"], first["HasBackupChecksums"], second["BackupType"]) == (
        "nightly",
        1,
        1,
        5,
    )
    assert timedelta(hours=29) < datetime.now() - first["BackupFinishDate"] < timedelta(hours=31)
    assert first["DatabaseCreationDate"] < first["BackupStartDate"] < first["BackupFinishDate"]
    age = datetime.now() - datetime.fromtimestamp(station.server.place(FILE).stat().st_mtime)
    assert timedelta(hours=1.9) < age < timedelta(hours=2.1)
    assert [station.verify(f"file = {number}") for number in (1, 2)] == [[3262], [3262]]
    assert value(station.session, "select count(*) from msdb..backupset") == 2


@pytest.mark.parametrize(("state", "seen", "known"), [
    ("ok", [3262], 1), ("missing", [3201, 3013], 1), ("truncated", [3203, 3013], 1), ("corrupt", [3189, 3013], 1), ("empty", [3254, 3013], 1),
    ("foreign", [3242, 3013], 1), ("incomplete", [3256, 3013], 0),
])  # fmt: skip
def test_states_of_the_sites_backups(make, state, seen, known):
    station = make(version="2008", **backups({"state": state, "checksum": True}))
    assert station.verify() == seen
    assert value(station.session, "select count(*) from msdb..backupset where database_name = 'mvf'") == known


def test_a_site_that_asks_for_nonsense(make):
    with pytest.raises(ValueError, match="known are"):
        make(**backups({"state": "good"}))


def test_the_file_of_another_database(make):
    station = make(version="2005", **backups({"other": "model"}))
    assert station.header()[0]["DatabaseName"] == "model"


def test_backups_are_still_there_when_the_server_comes_again(tmp_path):
    first = Station(tmp_path)
    first.backup()
    first.server.close()
    again = Station(tmp_path)
    assert again.verify() == [3262]
    assert value(again.session, "select count(*) from msdb..backupset") == 1
    again.server.close()


# The server itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "start", "number", "level"), [
    ("2000", "Microsoft SQL Server  2000 - 8.00.2039 (", "8.00.2039", "SP4"), ("2005", "Microsoft SQL Server 2005 - 9.00.4035.00 (", "9.00.4035.00", "SP3"),
    ("2008", "Microsoft SQL Server 2008 (SP1) - 10.0.2531.0 (", "10.0.2531.0", "SP1"), ("10.50.1600.1", "Microsoft SQL Server 2008 R2 (RTM) - 10.50.1600.1 (", "10.50.1600.1", "RTM"),
])  # fmt: skip
def test_what_the_server_is(make, version, start, number, level):
    session = make(version=version).session
    assert value(session, "select @@version").startswith(start)
    assert value(session, "select serverproperty('productversion')") == number
    assert value(session, "select serverproperty('productlevel')") == level


def test_room_of_the_database(make):
    station = make(databases={"mvf": {"used_mb": 200}})
    station.told("use mvf")
    (first, second) = station.session.batch("exec sp_spaceused")
    assert float(first.rows[0][1].split()[0]) > 208
    assert int(second.rows[0][0].split()[0]) > 200 * 1024
    assert station.rows("exec sp_helpdb 'mvf'")[0]["name"] == "mvf"
