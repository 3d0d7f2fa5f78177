# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command that is meant for a Solaris station: the shell's text and the program's options are Solaris 10's."""

import re

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, Secret
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import (
    audit_oracle,
    df,
    digest,
    exp,
    imp,
    ls,
    rm,
    sqlplus,
)
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells import bourne, bourne_jobs
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells.bourne_limits import complaints, program_complaints

PASSWORD = Secret("a'b$c^!`d", "pw")
LOG_ON = sqlplus.log_on("dbadmin", PASSWORD)
PATH = "/backup/a b/it's.dmp"
COMMANDS = {
    "questions": sqlplus.ask(audit_oracle.questions("map_event_audit"), LOG_ON, nonce="n0"),
    "range": sqlplus.ask(audit_oracle.range_questions("map_event_audit", "event_id", 7), LOG_ON, nonce="n0"),
    "locks": sqlplus.ask(audit_oracle.lock_questions("map_event_audit"), LOG_ON, nonce="n0"),
    "truncate": sqlplus.block(audit_oracle.truncate_block("map_event_audit", 5, "event_id", 9), LOG_ON, nonce="n0"),
    "exp": exp.table("map_event_audit", "/backup/x.dmp", "dbadmin", PASSWORD, scn=7, charset="AL32UTF8"),
    "imp": imp.show("/backup/x.dmp", "dbadmin", PASSWORD, charset="AL32UTF8"),
    "df": df.free(PATH),
    "digest": digest.sha1(PATH),
    "ls": ls.entry(PATH),
    "rm": rm.file(PATH),
}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_text_and_the_options_are_solaris(name):
    command = COMMANDS[name]
    assert complaints(bourne.batch([command], "n0nce")) == []
    job = bourne_jobs.start("job", command)
    assert [complaints(text) for text in (bourne_jobs.framed(job), *scripts_in(job))] == [[], [], []]
    assert program_complaints(command) == []


def scripts_in(job: str) -> list[str]:
    """The two scripts that a job's start writes to its folder; a here-document hides them from the checker."""
    return [re.search(rf"^cat > {name} <<'(\S+)'\n(.*?)^\1$", job, re.M | re.S)[2] for name in ("cmd", "run")]


def test_a_command_of_another_system_is_found():
    assert program_complaints(Command(("stat", PATH))) and program_complaints(Command(("df", "-h", "--si")))
