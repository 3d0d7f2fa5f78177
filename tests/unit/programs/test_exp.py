# SPDX-License-Identifier: GPL-3.0-or-later
"""exp and imp: rows count, not closings."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Secret
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import exp, imp

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
            ". . Exportieren von Tabelle MAP_EVENT_AUDIT 2500 Zeilen exportiert\nExport erfolgreich beendet.\n",
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


@pytest.mark.parametrize(
    "printed, whole",
    [
        ("Import terminated successfully without warnings.\n", True),
        ("IMP-00009: abnormal end of export file\nImport terminated successfully with warnings.\n", False),
        ("Import terminated successfully with warnings.\n", False),
        (
            "IMP-00010: not a valid export file, header failed verification\nIMP-00000: Import terminated unsuccessfully\n",
            False,
        ),
        ("Importación terminada\n", None),
        ("", None),
    ],
)
def test_a_dump_is_whole_only_when_imp_says_so_in_english(printed, whole):
    assert imp.read(printed).whole is whole


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
