# SPDX-License-Identifier: GPL-3.0-or-later
"""bcp in memory: its files byte for byte, its forms of speech, its lies."""

from __future__ import annotations

import codecs
import re
from datetime import datetime

import pytest
from impax_lab.windows.sql import charfile, formatfile, native
from impax_lab.windows.sql.connection import LogonFailed, NoServer, Rows, Said
from impax_lab.windows.sql.values import Column, text

ID = Column("event_id", "int", nullable=False)
NAME = Column("user_id", "nvarchar", 12)
ERROR = Said(208, 16, 1, 1, "Invalid object name 'x'.")

COLUMNS = (
    ID, NAME, Column("at", "datetime"), Column("note", "ntext", -1), Column("stamp", "timestamp", 8, nullable=False),
    Column("price", "money"), Column("ok", "bit"),
)  # fmt: skip
MOMENT = datetime(2008, 2, 29, 13, 14, 15, 123000)
ROWS = [
    (1, "Müller", MOMENT, "two\r\nlines\tand a tab", b"\0\0\0\0\0\0\7\xd1", "12.5", True),
    (2, "", None, None, b"\0\0\0\0\0\0\7\xd2", None, False),
    (3, None, MOMENT, "", b"\0\0\0\0\0\0\7\xd3", "-0.0001", None),
]
OUT = ["bcp", "mvf..map_event_audit", "out", "a.bcp", "-T"]


def test_bcp_out_in_characters(make, server, call, file):
    session = server([Rows(COLUMNS, ROWS)])
    station = make()
    ran = call(station, *OUT, "-c", "-t", "|~|", "-r", "|#|\\n")
    assert session.batches == ["mvf..map_event_audit"]
    assert file(station, "a.bcp").read_bytes() == (
        "1|~|Müller|~|2008-02-29 13:14:15.123|~|two\r\nlines\tand a tab|~|00000000000007D1|~|12.5000|~|1|#|\n"
        "2|~|\0|~||~||~|00000000000007D2|~||~|0|#|\n"
        "3|~||~|2008-02-29 13:14:15.123|~|\0|~|00000000000007D3|~|-0.0001|~||#|\n"
    ).encode("cp850")
    assert re.fullmatch(
        r"\nStarting copy\.\.\.\n\n3 rows copied\.\nNetwork packet size \(bytes\): 4096\n"
        r"Clock Time \(ms\.\) Total     : \d+ +Average : \(\d+\.\d\d rows per sec\.\)\n",
        ran.printed,
    )


def test_bcp_in_wide_characters_begins_with_its_mark(make, server, call, file):
    server([Rows((ID, NAME), [(1, "€")])])
    station = make()
    call(station, *OUT, "-w")
    assert file(station, "a.bcp").read_bytes() == codecs.BOM_UTF16_LE + "1\t€\r\n".encode("utf-16-le")


def test_the_oem_code_page_loses_what_it_has_not(make, server, call, file):
    for words, wanted in (([], b"M\x81ller?"), (["-C", "ACP"], b"M\xfcller\x80"), (["-C", "437"], b"M\x81ller?")):
        server([Rows((NAME,), [("Müller€",)])])
        station = make()
        call(station, *OUT, "-c", *words)
        assert file(station, "a.bcp").read_bytes() == wanted + b"\r\n"


def test_progress_every_thousand_rows_and_the_form_of_2000(make, server, call):
    server([Rows((ID,), [(n,) for n in range(2500)])])
    printed = call(make(sqlserver={"version": "8.00.2039"}), *OUT, "-c").printed
    assert re.findall(r"1000 rows successfully bulk-copied to host-file\. Total received: (\d+)", printed) == [
        "1000",
        "2000",
    ]
    assert "\n2500 rows copied.\n" in printed
    assert re.search(r"^Clock Time \(ms\.\): total +\d+$", printed, re.M)


def test_first_and_last_row(make, server, call, file):
    server([Rows((ID,), [(n,) for n in range(1, 10)])])
    station = make()
    call(station, *OUT, "-c", "-F", "3", "-L", "5")
    assert file(station, "a.bcp").read_bytes() == b"3\r\n4\r\n5\r\n"


def test_native_files_come_back_as_they_went():
    for wide in (False, True):
        data = b"".join(
            native.pack(value, column, wide, "cp1252")
            for row in ROWS
            for value, column in zip(row, COLUMNS, strict=True)
        )
        reader = native.Reader(data)
        back = [[reader.value(column, wide, "cp1252") for column in COLUMNS] for _ in ROWS]
        assert not reader.more()
        assert [[text(value, column.kind) for value, column in zip(row, COLUMNS, strict=True)] for row in back] == [
            [text(value, column.kind) for value, column in zip(row, COLUMNS, strict=True)] for row in ROWS
        ]


def test_native_bytes_are_those_of_the_books():
    """int without NULLs has no prefix; a nullable one has one byte; datetime is days and 1/300 s since 1900."""
    assert native.pack(1, ID, False, "cp1252") == b"\1\0\0\0"
    assert native.pack(1, Column("n", "int"), False, "cp1252") == b"\4\1\0\0\0"
    assert native.pack(None, Column("n", "int"), False, "cp1252") == b"\xff"
    assert native.pack(None, NAME, False, "cp1252") == b"\xff\xff"
    assert native.pack("ab", NAME, False, "cp1252") == b"\4\0a\0b\0"
    assert native.pack(datetime(1900, 1, 2, 0, 0, 1), Column("d", "datetime", nullable=False), False, "") == (
        b"\1\0\0\0\x2c\1\0\0"
    )


@pytest.mark.parametrize(
    ("asked", "made"),
    [("", b"\r\n"), ("\\n", b"\r\n"), ("0x0A", b"\n"), ("|\\n", b"|\n"), ("\\t\\0", b"\t\0"), ("||", b"||")],
)
def test_row_terminators(asked, made):
    assert charfile.terminator(asked, "\n", "cp850") == made


def test_a_terminator_within_the_data_shifts_the_fields():
    fields = [charfile.Field(ID, b"\t"), charfile.Field(NAME, b"\r\n")]
    assert list(charfile.rows(b"1\ta\tb\r\n", fields)) == [[b"1", b"a\tb"]]
    assert list(charfile.rows(b"1\ta\r\nb\r\n", fields)) == [[b"1", b"a"], None]


def test_format_files_are_read_as_they_are_written():
    written = formatfile.write(COLUMNS, 9, "Latin1_General_CI_AS", "c", ["|~|"] * 6 + ["|#|\r\n"])
    lines = written.splitlines()
    assert lines[:2] == ["9.0", "7"]
    assert lines[2].split() == ["1", "SQLCHAR", "0", "12", '"|~|"', "1", "event_id", '""']
    assert lines[3].split() == ["2", "SQLCHAR", "0", "24", '"|~|"', "2", "user_id", "Latin1_General_CI_AS"]
    entries = formatfile.read(written)
    assert [entry.terminator for entry in entries] == ["|~|"] * 6 + ["|#|\r\n"]
    wide = formatfile.write(COLUMNS[:1], 9, "Latin1_General_CI_AS", "w", ["|\r\n"])
    assert wide.splitlines()[2].split()[1:5] == ["SQLNCHAR", "0", "24", '"|\\0\\r\\0\\n\\0"']
    assert formatfile.read(wide)[0].terminator == "|\0\r\0\n\0"
    with pytest.raises(formatfile.Broken):
        formatfile.read(written.replace("7\n", "8\n", 1))


@pytest.mark.parametrize(
    ("behaviour", "rows", "total", "code"),
    [
        (None, 3, 3, 0),
        ("failed_but_zero", 1, None, 0),
        ("no_total", 1, None, 0),
        ("total_differs", 2, 3, 0),
        ("truncated_file", 2, 3, 0),
        ("io_error", 1, None, 1),
    ],
)
def test_how_bcp_lies(make, server, behaviour, rows, total, code, call, file):
    server([Rows((ID, NAME), [(1, "a"), (2, "b"), (3, "ccc")])])
    station = make()
    ran = call(station, *OUT, "-c", behaviour=behaviour)
    found = re.search(r"^(\d+) rows copied\.$", ran.printed, re.M)
    assert (int(found[1]) if found else None, ran.code) == (total, code)
    assert file(station, "a.bcp").read_bytes().count(b"\r\n") == rows
    assert ("BCP copy out failed" in ran.printed) == (behaviour in ("failed_but_zero", "io_error"))


def test_a_disk_that_fills_up(make, server, call):
    server([Rows((NAME,), [("x" * 12,)] * 100_000)])
    station = make()
    ran = call(station, "bcp", "t", "out", "D:\\a.bcp", "-c", "-T")
    assert ran.code == 1
    assert "I/O error while writing BCP data-file" in ran.printed
    assert (station.root / "d/a.bcp").stat().st_size == 1 << 20


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        (ERROR, "SQLState = S0002, NativeError = 208\n"),
        (Said(170, 15, 1, 1, "Line 1: Incorrect syntax near 'timok_date'."), "SQLState = 37000, NativeError = 170\n"),
    ],
)
def test_server_errors_with_their_states(make, server, said, printed, call):
    server([said])
    ran = call(make(), "bcp", "select", "queryout", "a", "-c", "-T")
    assert (ran.code, ran.printed.startswith(printed)) == (1, True)
    assert "NativeError = 8180" in ran.printed
    assert "copied" not in ran.printed


def test_bcp_cannot_log_on(make, server, call):
    server(failure=LogonFailed(Said(18456, 14, 1, 1, "Login failed for user 'sa'.")))
    assert call(make(), *OUT, "-c").printed == (
        "SQLState = 28000, NativeError = 18456\n"
        "Error = [Microsoft][SQL Native Client][SQL Server]Login failed for user 'sa'.\n"
    )
    server(failure=NoServer(53))
    printed = call(make(), *OUT, "-c").printed
    assert re.findall(r"SQLState = (\w+), NativeError = (\d+)", printed) == [
        ("08001", "53"),
        ("08001", "53"),
        ("S1T00", "0"),
    ]


def test_bcp_asks_where_nothing_says_the_form(make, server, call):
    server([Rows((ID, NAME), [(1, "a")])])
    ran = call(make(), *OUT)
    assert ran.code == 1
    assert ran.printed.startswith("Enter the file storage type of field event_id [int]: ")
    server([Rows((ID, NAME), [(1, "a")])])
    ran = call(make(), *OUT, stdin=b"\r\n" * 7 + b"n\r\n")
    assert ran.code == 0
    assert "1 rows copied." in ran.printed
