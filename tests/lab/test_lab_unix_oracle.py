# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle on a Solaris station: sqlplus, exp and imp over ssh on the real engine, and what the engine itself says."""

from __future__ import annotations

import json
import shlex
import subprocess

import pytest
from impax_lab.dump import dumpfile, values

PASSWORD = "dbadmin-Lab-7391"
SETTINGS = "set heading off feedback off pagesize 0 linesize 32767 trimspool on numwidth 20 tab off\n"
TABLE = "map_event_audit"


@pytest.fixture(scope="module")
def lab(tmp_path_factory, lab_up):
    from impax_lab import site

    demo = site.load("demo").stations["as3000"]
    described = {key: value for key, value in site.asdict(demo).items() if key != "name" and value}
    described["tables"][TABLE]["rows"] = 300
    return lab_up(tmp_path_factory.mktemp("oracle"), {"name": "oracle", "stations": {"as3000": described}})


@pytest.fixture
def service(lab):
    """Run a script as account service, on standard input of its shell: (standard output, error output, code)."""
    v = lab.variables("as3000")
    key, port = v["ansible_ssh_private_key_file"], str(v["ansible_port"])
    words = [
        "ssh",
        *shlex.split(v["ansible_ssh_common_args"]),
        "-oBatchMode=yes",
        "-i",
        key,
        "-p",
        port,
        "root@127.0.0.1",
    ]

    def run(script: str, wait: bool = True):
        command = [*words, "su - service -c /bin/sh"]
        if not wait:
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            child.stdin.write(script.encode())
            child.stdin.close()
            return child
        ran = subprocess.run(command, input=script.encode(), capture_output=True, timeout=60, check=False)
        return ran.stdout.decode(), ran.stderr.decode(), ran.returncode

    return run


def sqlplus(script: str) -> str:
    return f"sqlplus -S -L /nolog <<'E'\nconnect dbadmin/{PASSWORD}\n{SETTINGS}{script}\nE\n"


def export(name: str, more: str = "") -> str:
    parameters = f"userid=dbadmin/{PASSWORD}\nfile=/backup/audit/{name}\ntables={TABLE}\nstatistics=none\n{more}"
    return f"cat > /tmp/e.par <<'E'\n{parameters}\nE\nNLS_LANG=AMERICAN_AMERICA.AL32UTF8 exp parfile=/tmp/e.par"


def rows(lab) -> int:
    return lab.sql("as3000", f"select count(*) n from {TABLE}")[0]["N"]


def test_what_sqlplus_says_is_what_the_engine_holds(lab, service):
    out, err, code = service(sqlplus(f"select count(*), min(event_id), max(event_id) from {TABLE};"))
    assert (out.split(), err, code) == (["Connected.", "300", "1", "300"], "", 0)
    assert rows(lab) == 300


def test_the_size_query_of_the_vendors_text(service):
    asked = "Select CEIL(SUM(bytes)/1024) from\nuser_segments where\nSEGMENT_NAME='MAP_EVENT_AUDIT'\nAND SEGMENT_TYPE= 'TABLE';"
    assert int(service(sqlplus(asked))[0].split()[-1]) > 0


def test_an_error_carries_its_place_and_the_exit_code_its_number(service):
    out, _, code = service(sqlplus("whenever sqlerror exit sql.sqlcode\nselect count(*) from nope;"))
    assert (
        "select count(*) from nope\n                     *\nERROR at line 1:\nORA-00942: table or view does not exist\n"
        in out
    )
    assert code == 942 % 256


def test_what_is_not_committed_is_rolled_back_when_the_session_dies(lab, service):
    begun = service(sqlplus(f"delete from {TABLE};\nselect 'deleted' from dual;\nexec dbms_lock.sleep(20)"), wait=False)
    while b"deleted" not in begun.stdout.readline():
        pass
    assert rows(lab) == 300
    lab("power", "as3000", "off")
    lab("power", "as3000", "on")
    begun.wait(20)
    assert service(sqlplus(f"select count(*) from {TABLE};"))[0].split()[-1] == "300"


def test_the_dump_holds_the_rows_of_its_scn(lab, service):
    scn = service(sqlplus("select current_scn from v$database;"))[0].split()[-1]
    lab("arrive", "as3000", TABLE, "--rows", "2")
    _, err, code = service(export("scn.dmp", f"flashback_scn={scn}"))
    assert code == 0 and " 300 rows exported" in err
    [table] = dumpfile.read((lab.root("as3000") / "backup/audit/scn.dmp").read_bytes()).tables
    stored = lab.sql(
        "as3000", f"select event_id, user_id, description from {TABLE} where event_id <= 300 order by event_id"
    )
    columns = [column.name for column in table.columns]
    read = [dict(zip(columns, row, strict=True)) for row in table.rows]
    texts = [[value and value.decode() for value in (row["USER_ID"], row["DESCRIPTION"])] for row in read]
    seen = [(int(values.number_of(row["EVENT_ID"])), *text) for row, text in zip(read, texts, strict=True)]
    assert seen == [(row["EVENT_ID"], row["USER_ID"], row["DESCRIPTION"]) for row in stored]
    assert any("\n" in (text or "") for _, text in texts) and any("\t" in (text or "") for _, text in texts)


def test_imp_reads_it_back_and_finds_a_cut(lab, service):
    read = f"imp userid=dbadmin/{PASSWORD} file=/backup/audit/x.dmp full=y show=y"
    err = service(f"{export('x.dmp')} 2>/dev/null\n{read}")[1]
    assert err.endswith("Import terminated successfully without warnings.\n")
    path = lab.root("as3000") / "backup/audit/x.dmp"
    path.write_bytes(path.read_bytes()[:20000])
    _, err, code = service(read)
    assert "IMP-00009: abnormal end of export file" in err and code == 0


def test_a_dump_can_be_brought_back(lab, service):
    load = "imp userid=mvf/mvf-Lab-2207 file=/backup/audit/y.dmp fromuser=dbadmin touser=mvf log=/tmp/i.log"
    load = f"NLS_LANG=AMERICAN_AMERICA.AL32UTF8 {load}"
    assert " rows imported" in service(f"{export('y.dmp')} 2>/dev/null\n{load}")[1]
    compared = f"select count(*) n from (select * from dbadmin.{TABLE} minus select * from mvf.{TABLE})"
    assert lab.sql("as3000", compared) == [{"N": 0}]
    assert lab.sql("as3000", f"select count(*) n from mvf.{TABLE}")[0]["N"] == rows(lab)


def test_a_full_disk(lab, service):
    lab.inject("as3000", "exp", "disk_full", nth=1)
    _, err, code = service(export("full.dmp"))
    assert code == 1 and "EXP-00002: error in writing to export file" in err and "EXP-00000" in err


BLOCK = f"""set serveroutput on
whenever sqlerror exit failure rollback
declare
  n number;
begin
  lock table {TABLE} in exclusive mode nowait;
  select count(*) into n from {TABLE};
  dbms_output.put_line('SAW ' || n);
  if n <> %d then raise_application_error(-20001, 'rows=' || n); end if;
  execute immediate 'truncate table {TABLE}';
end;
/
"""


def test_a_held_table_is_busy(lab, service):
    before = rows(lab)
    held = f"lock table {TABLE} in row exclusive mode;\nselect 'locked' from dual;\nexec dbms_lock.sleep(5)"
    holder = service(sqlplus(held), wait=False)
    while b"locked" not in holder.stdout.readline():
        pass
    out, _, code = service(sqlplus(BLOCK % before))
    assert code == 1 and "ORA-00054" in out
    holder.wait(20)
    assert rows(lab) == before


def test_a_row_in_the_gap_of_a_truncate_is_lost_on_oracle(lab, service):
    before = rows(lab)
    out, _, code = service(sqlplus(BLOCK % (before + 1)))
    assert code == 1 and f"SAW {before}\n" in out and "ORA-20001" in out and rows(lab) == before
    lab.inject("as3000", "sqlplus", "row_before_truncate", nth=1)
    out, _, code = service(sqlplus(BLOCK % before))
    assert (code, rows(lab)) == (0, 0) and f"SAW {before}\n" in out
    lab("arrive", "as3000", TABLE)
    assert rows(lab) == 1


def test_words_show_a_password_only_where_it_was_typed_and_the_state_outlives_the_lab(lab, service):
    assert PASSWORD not in json.dumps([call for call in lab.calls("as3000") if call["program"] == "sqlplus"])
    assert PASSWORD in json.dumps(lab.calls("as3000", "imp"))  # there it was typed
    lab("arrive", "as3000", TABLE)
    before = rows(lab)
    lab("down")
    assert rows(lab) == before
