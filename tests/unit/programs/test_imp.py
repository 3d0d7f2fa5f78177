# SPDX-License-Identifier: GPL-3.0-or-later
"""imp show=y: whole only when it says so in English and tells no code."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Secret
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import imp

WELL = "Import terminated successfully without warnings.\n"


@pytest.mark.parametrize(
    "printed, whole",
    [
        (WELL, True),
        ("IMP-00009: abnormal end of export file\nImport terminated successfully with warnings.\n", False),
        ("IMP-00009: abnormal end of export file\n" + WELL, False),
        ("Import terminated successfully with warnings.\n", False),
        ("IMP-00010: not a valid export file, header failed verification\nIMP-00000: Import terminated unsuccessfully\n", False),
        ("IMP-00002: failed to open /backup/x.dmp for read\n", False),
        ("Importación terminada\n", None),
        ("成功终止导入, 没有出现警告。\n", None),
        (". . skipping table \"MAP_EVENT_AUDIT\"\n", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_dump_is_whole_only_when_imp_says_so_in_english(printed, whole):
    assert imp.read(printed).whole is whole


def test_it_writes_nothing_and_its_password_is_in_the_private_file_only():
    command = imp.show("/backup/x.dmp", "dbadmin", Secret("pw'1", "pw"), charset="AL32UTF8")
    assert command.words == ("imp", "parfile=imp.par") and command.creates == "imp.par"
    assert str(command.stdin) == 'userid=dbadmin/"<secret: pw>"\nfile=/backup/x.dmp\nshow=y\nfull=y\n'
    assert command.environment == {"NLS_LANG": "AMERICAN_AMERICA.AL32UTF8"}


def test_loading_takes_one_tables_rows_into_another_schema():
    command = imp.load(
        "D:\\audit\\x.dmp", "scratch", Secret("pw1", "pw"), owner="dbadmin", table="t", charset="AL32UTF8"
    )
    said = str(command.stdin)
    assert (
        said.startswith('userid=scratch/"<secret: pw>"\nfile=D:\\audit\\x.dmp\n')
        and "show" not in said
        and "full" not in said
    )
    assert "fromuser=dbadmin\ntouser=scratch\ntables=t\n" in said and "indexes=n\nconstraints=n\ngrants=n\n" in said
    assert command.words == ("imp", "parfile=imp.par") and command.creates == "imp.par"
