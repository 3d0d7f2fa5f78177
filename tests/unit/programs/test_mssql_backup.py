# SPDX-License-Identifier: GPL-3.0-or-later
"""BACKUP and RESTORE: words of each version, the header by its places, what is not told stays unknown."""

import time

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import mssql_backup
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.osql import Answer

N = "n0nce"
PATH = "D:\\backup\\mvf-1.bak"


def test_2000_knows_neither_checksums_nor_copy_only():
    old = mssql_backup.new_backup("mvf", PATH, "impax mvf 1", 8)
    for text in old.values():
        assert "checksum" not in text and "copy_only" not in text
    assert old["backup"] == (
        "backup database [mvf] to disk = N'D:\\backup\\mvf-1.bak' with noinit, name = N'impax mvf 1', stats = 10"
    )


@pytest.mark.parametrize("version", [9, 10])
def test_from_2005_on_pages_have_checksums_and_the_sites_chain_is_left_alone(version):
    asked = mssql_backup.new_backup("mvf", PATH, "impax mvf 1", version)
    assert "with noinit, checksum, copy_only, name" in asked["backup"]
    assert asked["verify"].endswith("with file = 1, checksum")
    assert list(asked) == ["language", "begun", "backup", "verify", "header", "filelist", "history", "ended"]


def test_a_set_of_the_sites_own_is_only_read():
    asked = mssql_backup.proof(PATH, 3)
    assert "backup" not in asked and asked["verify"].endswith("with file = 3") and "checksum" not in asked["verify"]


def test_names_cannot_end_the_text_that_they_stand_in():
    asked = mssql_backup.new_backup("m]x'y", "D:\\b'\\a.bak", "it's", 9)
    assert asked["backup"].startswith("backup database [m]]x'y] to disk = N'D:\\b''\\a.bak'")
    assert "name = N'it''s'" in asked["backup"]
    assert "b.database_name = N'm]x''y'" in mssql_backup.questions("m]x'y")["last"]


def test_every_session_asks_for_english_first():
    for asked in (
        mssql_backup.questions("mvf"),
        mssql_backup.proof(PATH, 1),
        mssql_backup.new_backup("m", PATH, "n", 8),
    ):
        assert next(iter(asked.values())) == "set language us_english"


# What is printed


def test_nothing_is_neither_success_nor_valid():
    said = mssql_backup.read("")
    assert not said.success and not said.failed and said.pages is None and said.verified is None


def test_100_percent_is_no_success():
    said = mssql_backup.read("90 percent processed.\n100 percent processed.\n")
    assert not said.success and said.pages is None


@pytest.mark.parametrize(
    "line",
    [
        "BACKUP DATABASE procesó correctamente 298 páginas en 0.064 segundos (36.376 MB/s).",
        "BACKUP DATABASE 成功处理了 298 页，花费 0.064 秒(36.376 MB/秒)。",
        "BACKUP DATABASE успешно обработал 298 страниц за 0.064 секунд (36.376 MБ/с).",
        "BACKUP DATABASE successfully processed 298 pages in 0.064 seconds (36.376 MB/se\nc).",
        "Processed 2 pages for database 'm', file 'm' on file 1. [SQLSTATE 01000] (Message 4035)  BACKUP DATABASE successfully"
        " processed 298 pages in 0.064 seconds (36.376 MB/sec). [SQLSTATE 01000] (Message 3014).",
    ],
)
def test_the_closing_in_other_languages_and_places(line):
    assert mssql_backup.read(line).success and mssql_backup.read(line).pages == 298


@pytest.mark.parametrize(
    "line",
    [
        "Cannot open backup device 'D:\\x.bak'. Operating system error 3(...). [SQLSTATE 42000] (Error 3201)  The step failed.",
        "BACKUP DATABASE is terminating abnormally.",
        "Msg 18456, Level 14, State 1, Server X, Line 1\nLogin failed for user 'sa'.",
    ],
)
def test_an_error_is_no_success_whatever_stands_before_it(line):
    text = f"BACKUP DATABASE successfully processed 298 pages in 0.064 seconds (36.376 MB/sec).\n{line}\n"
    assert not mssql_backup.read(text).success and mssql_backup.read(text).failed


def test_a_statement_that_is_echoed_is_no_error():
    typed = "1> BACKUP DATABASE [mvf] TO DISK = 'D:\\x.bak'\n2> GO\n"
    text = f"{typed}BACKUP DATABASE successfully processed 5 pages in 0.1 seconds (1.0 MB/sec)."
    assert mssql_backup.read(text).success


def test_the_databases_closing_counts_not_the_logs():
    text = (
        "BACKUP LOG successfully processed 5 pages in 0.1 seconds (1.0 MB/sec).\n"
        "BACKUP DATABASE successfully processed 570 pages in 0.1 seconds (1.0 MB/sec).\n"
    )
    assert mssql_backup.read(text).pages == 570


def test_a_long_line_costs_no_time():
    began = time.monotonic()
    mssql_backup.read("BACKUP DATABASE " + "1 2.3 (" * 4000)
    mssql_backup.read("BACKUP DATABASE " + "x" * 60000)
    assert time.monotonic() - began < 2


# The session


def session(**bodies):
    return "".join(f"IMPAX {N} begin {name}\n{body}IMPAX {N} end {name}\n" for name, body in bodies.items())


def row(**differs):
    """A row of HEADERONLY, SQL Server 2000: 33 columns."""
    cells = ["NULL"] * 33
    told = {0: "impax mvf 1", 2: "1", 5: "1", 8: "AS300", 9: "mvf", 12: "4700160", 17: "2026-01-02 03:04:05.000",
            18: "2026-01-02 03:05:06.000", **{int(key[1:]): value for key, value in differs.items()}}  # fmt: skip
    for place, cell in told.items():
        cells[place] = cell
    return cells


def header(*rows):
    return "".join("|".join(f" {cell:<12}" for cell in cells) + "\n" for cells in rows)


FILES = "mvf|D:\\a.mdf|D|PRIMARY|8192|100\nmvf_log|D:\\a.ldf|L|NULL|512|100\n"
HISTORY = "1|D|2026-01-02 03:04:05|2026-01-02 03:05:06|4700160|2|1|mvf|D:\\backup\\mvf-1.bak|impax mvf 1\n"
GOOD = {
    "begun": "2026-01-02 03:04:04\n",
    "backup": "BACKUP DATABASE successfully processed 570 pages in 0.189 seconds (23.553 MB/sec).\n",
    "verify": "The backup set on file 1 is valid.\n",
    "header": header(row()),
    "filelist": FILES,
    "history": HISTORY,
    "ended": "2026-01-02 03:06:00\n",
}
ASKED = mssql_backup.new_backup("mvf", PATH, "impax mvf 1", 8)


def proof(**differs):
    return mssql_backup.read_proof(session(language="", **{**GOOD, **differs}), N, ASKED)


def test_a_whole_proof():
    seen = proof()
    assert seen.backup.success and seen.verify.verified and seen.why == ""
    (one,) = seen.sets
    assert (one.name, one.type, one.position, one.database, one.bytes) == ("impax mvf 1", 1, 1, "mvf", 4700160)
    assert (one.finished, one.stored, one.damaged) == ("2026-01-02 03:05:06", None, None)
    assert (seen.files, seen.absent, seen.history.name, seen.begun) == (1, 0, "impax mvf 1", "2026-01-02 03:04:04")


def test_later_versions_tell_damage_and_the_compressed_size():
    cells = [*row(), *["0"] * 19]
    cells[39], cells[51] = "1", "1000"
    (one,) = proof(header=header(cells)).sets
    assert one.damaged is True and one.stored == 1000


@pytest.mark.parametrize(
    "differs",
    [
        {"header": header(["a", *row()])},  # a separator in a text moves what follows
        {"header": header(row(_2="x"))},
        {"header": header(row(_18="NULL"))},
        {"header": header(row(_12="NULL"))},
        {"header": "Msg 3241, Level 16, State 1, Server X, Line 1\nThe media family is incorrectly formed.\n"},
    ],
)
def test_a_header_that_is_not_understood_is_none(differs):
    assert proof(**differs).sets is None


def test_a_file_without_a_set_and_one_that_was_never_finished():
    assert proof(header="").sets == ()
    seen = proof(header=header(row(_0="*** INCOMPLETE ***", _12="NULL", _18="NULL")))
    assert seen.sets == () and seen.incomplete == (1,)


def test_a_cut_session_tells_what_came_and_nothing_more():
    whole = session(language="", **GOOD)
    cut = whole[: whole.index(f"IMPAX {N} begin verify")]
    seen = mssql_backup.read_proof(cut, N, ASKED)
    assert seen.backup.success and seen.verify.verified is None and seen.sets is None and seen.ended is None
    assert "verify: no whole answer" in seen.why


def test_the_verify_of_a_translated_server_is_unknown():
    assert proof(verify="Der Sicherungssatz in Datei 1 ist gültig.\n").verify.verified is None


def test_files_that_are_named_and_not_in_the_set():
    columns = ["0"] * 13
    present = ["mvf", "a", "D", "P", "1", "1", *columns, "1"]
    absent = ["arc", "b", "D", "P", "1", "1", *columns, "0"]
    seen = proof(filelist="|".join(present) + "\n" + "|".join(absent) + "\n")
    assert (seen.files, seen.absent) == (1, 1)


# The server


def answers(**differs):
    told = {name: Answer((("x",),)) for name in mssql_backup.questions("mvf")}
    space = (("mvf", "10.00 MB", "1.00 MB"), ("8704 KB", "8000 KB", "600 KB", "104 KB"))
    return {
        **told, "server": Answer((("AS300", "9.00.5000.00", "2026-01-02 03:04:05"),)),
        "databases": Answer((("ONLINE", "master"), ("OFFLINE", "MVF"))), "space": Answer(space), "files": Answer((("1",),)),
        "last": Answer((tuple(HISTORY.strip().split("|")),)), **differs,
    }  # fmt: skip


def test_the_server_as_it_says():
    seen = mssql_backup.read_server(answers())
    assert (seen.name, seen.version, seen.year, seen.now) == ("AS300", 9, 2005, "2026-01-02 03:04:05")
    assert (seen.databases, seen.used_kb, seen.files) == ({"master": "ONLINE", "MVF": "OFFLINE"}, 8704, 1)
    assert (seen.last.path, seen.last.on_disk, seen.last.families) == (PATH, True, 1)


@pytest.mark.parametrize(
    "version, year", [("8.00.2039", 2000), ("10.50.1600.1", 2008), ("11.0.2100", None), ("x", None)]
)
def test_years_of_versions(version, year):
    assert mssql_backup.read_server(answers(server=Answer((("A", version, "2026-01-02 03:04:05"),)))).year == year


def test_what_was_refused_is_unknown():
    refused = Answer(None, ((916, 14, 1),))
    seen = mssql_backup.read_server(dict.fromkeys(answers(), refused))
    assert (seen.version, seen.now, seen.databases, seen.used_kb, seen.files, seen.last) == (None,) * 6
    assert "space: Msg 916" in seen.why
