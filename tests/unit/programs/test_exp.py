# SPDX-License-Identifier: GPL-3.0-or-later
"""exp: rows count, not closings."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Secret
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import exp

ROWS = ". . exporting table                MAP_EVENT_AUDIT       2500 rows exported\n"
WELL, WARNED = "Export terminated successfully without warnings.\n", "Export terminated successfully with warnings.\n"
T = ["map_event_audit"]


@pytest.mark.parametrize(
    "printed, success, rows",
    [
        (ROWS + WELL, True, 2500),
        (ROWS + "EXP-00091: Exporting questionable statistics.\n" + WARNED, True, 2500),
        ("EXP-00056: ORACLE error 942 encountered\nORA-00942: table or view does not exist\n" + WARNED, False, None),
        ("EXP-00011: DBADMIN.MAP_EVENT_AUDIT does not exist\n" + WARNED, False, None),
        (
            ROWS + "EXP-00002: error in writing to export file\n" + "EXP-00000: Export terminated unsuccessfully\n",
            False,
            2500,
        ),
        (
            ". . exporting table                MAP_EVENT_AUDIT\nEXP-00008: ORACLE error 1555 encountered\n" + WARNED,
            False,
            None,
        ),
        (WELL, False, None),
        (ROWS, None, 2500),
        ("", None, None),
        (". . exporting table                        OTHER       2500 rows exported\n" + WELL, False, None),
        (
            "Exportieren von Tabelle MAP_EVENT_AUDIT 2500 Zeilen exportiert\nExport erfolgreich beendet.\n",
            None,
            None,
        ),
        (ROWS + "EXP-00091: x\nEXP-00008: ORACLE error 1 encountered\n" + WARNED, False, 2500),
    ],
)
def test_success_needs_rows_of_that_table_and_nothing_but_harmless_notes(printed, success, rows):
    read = exp.read(printed, T)
    assert (read.success, read.tables.get("MAP_EVENT_AUDIT")) == (success, rows)


def test_zero_rows_are_rows():
    assert exp.read(ROWS.replace("2500", "   0") + WELL, T).tables == {"MAP_EVENT_AUDIT": 0}


def test_the_password_is_in_the_private_file_only():
    command = exp.table(
        "map_event_audit", "/backup/a b/x.dmp", "dbadmin", Secret("pw'1", "pw"), scn=77, charset="AL32UTF8"
    )
    assert command.words == ("exp", "parfile=exp.par") and command.creates == "exp.par"
    assert command.environment == {"NLS_LANG": "AMERICAN_AMERICA.AL32UTF8"}
    assert str(command.stdin) == (
        'userid=dbadmin/"<secret: pw>"\nfile="/backup/a b/x.dmp"\ntables=map_event_audit\nstatistics=none\nflashback_scn=77\n'
    )
    assert "consistent=y" in str(exp.table("t", "/x", "d", Secret("p", "pw"), scn=None, charset="WE8ISO8859P1").stdin)


def test_a_partitioned_table_has_the_rows_of_its_partitions():
    table = ". . exporting table                MAP_EVENT_AUDIT\n"
    parts = [f". . exporting partition                        P{n}          {n}0 rows exported\n" for n in (1, 2)]
    assert exp.read(table + "".join(parts) + WELL, T).tables == {"MAP_EVENT_AUDIT": 30}
    cut = exp.read(table + parts[0] + ". . exporting partition                        P2\n" + WARNED, T)
    assert cut.tables == {"MAP_EVENT_AUDIT": None} and cut.success is False
    deep = ". . exporting composite partition   P1\n. . exporting subpartition   S1   7 rows exported\n"
    assert exp.read(table + deep + WELL, T).tables == {"MAP_EVENT_AUDIT": 7}


def test_two_numbers_for_one_name_are_none():
    assert exp.read(ROWS + ROWS.replace("2500", "1") + WELL, T).tables == {"MAP_EVENT_AUDIT": None}


def test_a_warning_that_is_not_named_is_not_harmless():
    assert exp.read(ROWS + WARNED, T).success is None


@pytest.mark.parametrize(
    "printed",
    [
        ". . Export der Tabelle                MAP_EVENT_AUDIT       2500 Zeilen exportiert\nExport erfolgreich beendet.\n",
        ". . 正在导出表                     MAP_EVENT_AUDIT导出了        2500 行\n成功终止导出, 没有出现警告。\n",
        ". . 테이블       MAP_EVENT_AUDIT(를)을 엑스포트 중       2500 행이 엑스포트됨\n",
    ],
)
def test_in_another_language_rows_are_read_and_success_is_not_known(printed):
    read = exp.read(printed, T)
    assert (read.success, read.warnings, read.tables) == (None, None, {"MAP_EVENT_AUDIT": 2500})


def test_codes_speak_every_language():
    read = exp.read("EXP-00056: 遇到 ORACLE 错误 1017\nORA-01017: x\nEXP-00000: 导出终止失败\n", T)
    assert read.success is False and read.codes == ("EXP-00056", "ORA-01017", "EXP-00000")


@pytest.mark.parametrize(
    "printed, charset, converted",
    [
        ("Export done in AL32UTF8 character set and AL16UTF16 NCHAR character set\n", "AL32UTF8", False),
        (
            "Export done in US7ASCII character set and AL16UTF16 NCHAR character set\n"
            "server uses AL32UTF8 character set (possible charset conversion)\n",
            "US7ASCII",
            True,
        ),
        ("", None, False),
    ],
)
def test_the_character_set_of_the_export(printed, charset, converted):
    read = exp.read(printed)
    assert (read.charset, read.converted) == (charset, converted)


@pytest.mark.parametrize("password", ['a"b', "a\nb"])
def test_a_password_that_a_parameter_file_cannot_carry_is_refused(password):
    with pytest.raises(ValueError):
        exp.parameters("dbadmin", Secret(password, "pw"), file="/x")


@pytest.mark.parametrize("file", ['/x"', "/x\nlog=/etc/passwd"])
def test_a_file_name_that_would_add_a_parameter_is_refused(file):
    with pytest.raises(ValueError):
        exp.table("t", file, "dbadmin", Secret("p", "pw"), scn=None, charset="AL32UTF8")
