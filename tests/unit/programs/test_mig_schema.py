# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of build-impax-mig-schema, what it printed, and what the dictionaries list."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Secret
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import mig_schema, osql, sqlplus
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.mig_schema import Entry

WINDOWS, SOLARIS = "C:\\mvf-mig6\\bin", "/usr/mvf-mig6/bin"


def ora(**rows):
    return {name: sqlplus.Answer(given) for name, given in rows.items()}


def ms(**rows):
    return {name: osql.Answer(given) for name, given in rows.items()}


ORACLE = {
    "who": (("MVF",),),
    "identity": (("7",),),
    "objects": (("MVF", "MIG_A", "TABLE", "VALID"), ("MVF", "MIG_V", "VIEW", "INVALID")),
    "inside": (("MVF", str(700 << 20)), ("UNDO", "0")),
    "grow": (("MVF", "0", "/u01/mvf01.dbf"), ("MVF", str(100 << 20), "/u02/mvf02.dbf"), ("MVFINDX", "0", "/u01/i.dbf")),
}
SERVER = {
    "who": (("mvf",),),
    "identity": (("AS300",),),
    "objects": (("dbo", "mig_a", "U", "-"),),
    "inside": (("12800",),),
    "grow": (("25600", "-1", "10", "D:\\mvf.mdf"), ("12800", "12800", "10", "D:\\full.ndf")),
}


# Words


def test_the_words_of_the_vendors_text():
    solaris = mig_schema.build("solaris", SOLARIS, user="oracle")
    assert (solaris.words, solaris.folder, solaris.user) == (("./build-impax-mig-schema",), SOLARIS, "oracle")
    assert mig_schema.build("windows", WINDOWS).words == ("C:\\mvf-mig6\\bin\\build-impax-mig-schema.bat",)


def test_the_password_is_a_secret_of_the_line():
    secret = Secret("S3cret-9", "password of sa")
    command = mig_schema.build("windows", WINDOWS, sa=("sa", secret, "mvf"))
    assert command.words == ("C:\\mvf-mig6\\bin\\build-impax-mig-schema.bat", "sa", secret, "mvf")
    assert command.secrets() == (secret,) and "S3cret-9" not in str(command.shown())


@pytest.mark.parametrize("sign", list("%!^\"&|<>=,; '()"))
def test_a_sign_that_a_batch_file_cannot_take_is_said_and_the_value_is_not(sign):
    with pytest.raises(mig_schema.Unfit) as unfit:
        mig_schema.build("windows", WINDOWS, sa=("sa", Secret(f"Ab{sign}cd", "password of sa"), "mvf"))
    assert repr(sign) in str(unfit.value) and "Ab" not in str(unfit.value)


@pytest.mark.parametrize("pattern", ["MIG_%", "mig_%", "MIG_PARAMETER", "MIG$"])
def test_patterns(pattern):
    assert mig_schema.fits(pattern)


@pytest.mark.parametrize("pattern", ["", "%", "%MIG", "MIG_%'", "MIG %", "MIG_%%", "MIG_%\n"])
def test_what_is_no_pattern(pattern):
    assert not mig_schema.fits(pattern)


@pytest.mark.parametrize("engine", ["oracle", "sqlserver"])
def test_an_underscore_is_itself(engine):
    assert "like 'MIG!_%' escape '!'" in mig_schema.questions(engine, "mig_%")["objects"]


def test_sql_server_is_asked_what_2000_knows():
    sql = mig_schema.questions("sqlserver", "MIG_%")
    assert "sysobjects" in sql["objects"] and "sys.objects" not in " ".join(sql.values())


# What it printed


def test_a_code_is_told_once_and_in_order():
    printed = "ORA-00955: x\nORA-01031: y\nORA-00955: x\nMsg 2714, Level 16, State 6, Server S, Line 1\nz\n"
    assert mig_schema.read(printed) == mig_schema.Printed(("ORA-00955", "ORA-01031", "Msg 2714"), False)


def test_a_code_in_a_name_is_none():
    assert mig_schema.read("MIG_ORA-12 created\nSOME_ORA-00955X\n").codes == ()


# What the database lists


def test_oracle():
    seen = mig_schema.listing("oracle", ora(**ORACLE))
    assert seen.database == "MVF"
    assert seen.entries == (Entry("MVF", "MIG_A", "TABLE", "VALID"), Entry("MVF", "MIG_V", "VIEW", "INVALID"))
    assert seen.room.inside == {"MVF": 700.0, "UNDO": 0.0, "MVFINDX": 0.0}
    assert seen.room.grow == {"MVF": 100.0, "MVFINDX": 0.0}
    assert seen.room.files == {"MVF": ("/u02/mvf02.dbf",), "MVFINDX": ()}


def test_sql_server_knows_no_invalid_and_has_room_in_pages():
    seen = mig_schema.listing("sqlserver", ms(**SERVER))
    assert seen.entries == (Entry("dbo", "mig_a", "U", ""),)
    assert seen.room.inside == {"data": 200.0} and seen.room.grow == {"data": None}
    assert seen.room.files == {"data": ("D:\\mvf.mdf",)}


def test_growth_up_to_a_limit():
    seen = mig_schema.listing("sqlserver", ms(**{**SERVER, "grow": (("12800", "25600", "10", "D:\\mvf.mdf"),)}))
    assert seen.room.inside == {"data": 0.0} and seen.room.grow == {"data": 100.0}


def test_no_objects_is_an_answer():
    assert mig_schema.listing("oracle", ora(**{**ORACLE, "objects": ()})).entries == ()


@pytest.mark.parametrize(
    "objects", [(("MVF", "MIG_A", "TABLE"),), (("half a line",),), (("MVF", "", "TABLE", "VALID"),)]
)
def test_a_row_that_is_not_understood_is_no_listing(objects):
    seen = mig_schema.listing("oracle", ora(**{**ORACLE, "objects": objects}))
    assert seen.entries is None and seen.why


@pytest.mark.parametrize("what", ["objects", "inside", "grow", "who", "identity"])
def test_an_error_is_no_answer(what):
    seen = mig_schema.listing("oracle", {**ora(**ORACLE), what: sqlplus.Answer(None, ("ORA-00942",))})
    assert (seen.entries is None) is (what == "objects")
    assert (seen.room is None) is (what in ("inside", "grow"))
    assert (seen.database == "") is (what in ("who", "identity"))
    assert "ORA-00942" in seen.why + seen.room_why or what in ("who", "identity")


@pytest.mark.parametrize("grow", [(), (("x", "0", "0", "f"),), (("1", "2"),)])
def test_sizes_that_are_none_are_no_room(grow):
    assert mig_schema.listing("sqlserver", ms(**{**SERVER, "grow": grow})).room is None
