# SPDX-License-Identifier: GPL-3.0-or-later
"""The twelve questions of the vendor's text on the integrity of a database's rows (S23). Each must count 0.

The text prints a stray full stop behind the first and a stray semicolon in the heading of the twelfth; here they are as
SQL. None of them reads past locks: a dirty read could count what is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

DUPLICATE, NULL = "duplicate", "null"


@dataclass(frozen=True)
class Question:
    """heavy: it reads a table with a row for each image or document, which takes long on a site of many years."""

    table: str
    column: str
    kind: str = NULL
    heavy: bool = False

    @property
    def name(self) -> str:
        """``dosr_study.study_uid.null``: last part of the finding's key."""
        return f"{self.table}.{self.column}.{self.kind}"

    @property
    def sql(self) -> str:
        if self.kind == NULL:
            return f"select count(*) from {self.table} where {self.column} is null"
        return (
            f"select count({self.column}) from {self.table} where {self.column} in (select {self.column} from {self.table}"
            f" group by {self.column} having count({self.column})>1)"
        )


QUESTIONS = (
    Question("dosr_object_document", "object_ref", DUPLICATE, heavy=True),
    Question("dosr_his_study", "study_uid"),
    Question("dosr_study", "study_uid"),
    Question("dosr_object", "sop_instance_uid", heavy=True),
    Question("dosr_object", "series_ref", heavy=True),
    Question("map_job", "originating_user_id"),
    Question("map_event", "user_id"),
    Question("map_event_audit", "user_id", heavy=True),
    Question("mitra_folder", "folder_name"),
    Question("mitra_folder_item", "item_name"),
    Question("mitra_print_params", "user_id"),
    Question("agfahc_report_access_config", "ae_title"),
)

# Who answered, asked in the same session: a count says nothing without the database that it is of.
WHO = {
    "oracle": "select name, dbid, (select max(banner) from v$version where banner like 'Oracle%') from v$database",
    "sqlserver": "select db_name(), convert(varchar(30), serverproperty('productversion')), @@servername",
}


class Answer(Protocol):
    """An engine's answer to one question."""

    @property
    def rows(self) -> tuple[tuple[str, ...], ...] | None: ...

    @property
    def number(self) -> int | None: ...

    @property
    def why(self) -> str: ...


@dataclass(frozen=True)
class Counts:
    """database: name and identity, "" where it was not told. counts: by question's name. unread: name -> why not."""

    database: str
    counts: Mapping[str, int]
    unread: Mapping[str, str]


def questions(engine: str, heavy: bool = True) -> dict[str, str]:
    """Name -> SQL, for one session. heavy: with those that take long."""
    asked = {question.name: question.sql for question in QUESTIONS if heavy or not question.heavy}
    return {"who": WHO[engine], **asked}


def read(answers: Mapping[str, Answer]) -> Counts:
    """A count is a whole number that is not negative; anything else was not counted."""
    asked = [question.name for question in QUESTIONS if question.name in answers]
    numbers = {name: answers[name].number for name in asked}
    counts = {name: number for name, number in numbers.items() if number is not None and number >= 0}
    unread = {name: answers[name].why or "no single number" for name in asked if name not in counts}
    return Counts(_who(answers["who"]), counts, unread)


def _who(answer: Answer) -> str:
    return " ".join(answer.rows[0]) if answer.rows and len(answer.rows) == 1 else ""
