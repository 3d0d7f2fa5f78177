# SPDX-License-Identifier: GPL-3.0-or-later
"""bcp: the closing total counts, and it alone."""

import time

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import bcp
from hypothesis import given
from hypothesis import strategies as st

TAIL = "Network packet size (bytes): 4096\nClock Time (ms.) Total     : 1797   Average : (5564.83 rows per sec.)\n"
PROGRESS = "1000 rows successfully bulk-copied to host-file. Total received: 1000\n"
WHOLE = "\nStarting copy...\n" + PROGRESS + "\n1234 rows copied.\n" + TAIL


@pytest.mark.parametrize(
    "printed, rows, success",
    [
        (WHOLE, 1234, True),
        ("\n0 rows copied.\n" + TAIL, 0, True),
        (PROGRESS + TAIL, None, False),
        (PROGRESS + "BCP copy out failed\n1234 rows copied.\n", 1234, False),
        ("SQLState = S0002, NativeError = 208\nError = [Microsoft]Invalid object name\n", None, False),
        ("SQLState = 22001, NativeError = 0\nError = right truncation\n\n9 rows copied.\n", 9, False),
        ("\n5 rows copied.\n7 rows copied.\n", None, False),
        ("", None, False),
    ],
)
def test_the_total(printed, rows, success):
    read = bcp.read(printed)
    assert (read.rows, read.success) == (rows, success)


@pytest.mark.parametrize(
    "printed, rows, success",
    [
        ("\n321 Zeilen kopiert.\n", 321, True),
        ("321개 행이 복사되었습니다.\n네트워크 패킷 크기(바이트): 4096\n총 클록 시간(밀리초)  : 1\n", 321, True),
        (
            "已复制 321 行。\n网络数据包大小(字节): 4096\n总时钟时间(毫秒)     : 15     平均值: (每秒 1.67 行。)\n",
            321,
            True,
        ),
        ("Скопировано строк: 321.\nРазмер сетевого пакета (байт): 4096\nВремя (мс) всего : 1\n", 321, True),
        ("1000 行已成功大容量复制到主机文件。总接收数: 1000\n", None, False),
        ("已复制 321 行。\nBCP 复制 out 失败\n", 321, False),
    ],
)
def test_a_translated_total_is_known_by_where_it_stands(printed, rows, success):
    read = bcp.read(printed)
    assert (read.rows, read.success) == (rows, success)


@pytest.mark.parametrize("codec", ["cp866", "cp1251", "koi8-r"])
def test_bytes_of_another_code_page_do_not_hide_the_total(codec):
    text = "Скопировано строк: 321.\nРазмер сетевого пакета (байт): 4096\nВремя (мс) всего : 1\n"
    assert bcp.read(text.encode(codec).decode("utf-8", "surrogateescape")).rows == 321


@given(st.integers(0, len(WHOLE)))
def test_output_that_was_cut_gives_no_other_total(length):
    """1000, the number of a progress line, never is the total of 1234 rows."""
    assert bcp.read(WHOLE[:length]).rows in (None, 1234)


def test_a_warning_alone_is_no_failure():
    warned = "SQLState = HY000, NativeError = 0\nWarning = [Microsoft][ODBC Driver 11]Warning: BCP import with a format file\n"
    read = bcp.read(warned + "\n3 rows copied.\n")
    assert read.success and read.errors == (("HY000", 0),)
    assert not bcp.read("SQLState = HY000, NativeError = 0\nWarnung = [Microsoft]x\n\n3 rows copied.\n").success


@pytest.mark.parametrize(
    "state, native, connected",
    [("28000", 18456, False), ("08001", 17, False), ("37000", 4060, False), ("S0002", 208, None)],
)
def test_a_log_on_that_failed_is_told(state, native, connected):
    assert bcp.read(f"SQLState = {state}, NativeError = {native}\nError = x\n").connected is connected


def test_no_password_and_own_terminators():
    words = bcp.out("mvf.dbo.t", "D:\\a b\\t.txt", server=".", errors="D:\\e").words
    assert "-T" in words and "-P" not in words and "-U" not in words
    assert words[words.index("-t") + 1] == bcp.COLUMN_END and not set(bcp.COLUMN_END + bcp.ROW_END) & set('%&|<>^"!')


def test_loading_keeps_identities_and_nulls_and_stops_at_the_first_bad_row():
    words = bcp.load("s.dbo.t", "x", server=".", errors="e").words
    assert {"-E", "-k"} <= set(words) and words[words.index("-m") + 1] == "1"


@pytest.mark.parametrize("form, flag", [("character", "-c"), ("unicode", "-w")])
def test_export_format_file_and_reload_text_agree_on_the_form(form, flag):
    words = [
        bcp.out("d.dbo.t", "f", server=".", errors="e", form=form).words,
        bcp.describe("d.dbo.t", "f", server=".", form=form).words,
    ]
    assert all(flag in said and bcp.COLUMN_END in said and bcp.ROW_END in said for said in words)
    text = bcp.reload_text("d.dbo.t", "f", form)
    assert f"{flag} -t {bcp.COLUMN_END} -r {bcp.ROW_END}" in text and "-E -k -m 1" in text


@pytest.mark.parametrize("text", [PROGRESS * 50000, "1000 行已复制\n" * 50000, "\n" * 50000, "a" * 50000])
def test_the_progress_of_fifty_million_rows_takes_no_time(text):
    begun = time.process_time()
    assert bcp.read(text).rows is None
    assert time.process_time() - begun < 2
