# SPDX-License-Identifier: GPL-3.0-or-later
"""The twelve questions, word for word, and what an answer may be read as."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import integrity, osql, sqlplus

TWELVE = """\
select count(object_ref) from dosr_object_document where object_ref in (select object_ref from dosr_object_document \
group by object_ref having count(object_ref)>1)
select count(*) from dosr_his_study where study_uid is null
select count(*) from dosr_study where study_uid is null
select count(*) from dosr_object where sop_instance_uid is null
select count(*) from dosr_object where series_ref is null
select count(*) from map_job where originating_user_id is null
select count(*) from map_event where user_id is null
select count(*) from map_event_audit where user_id is null
select count(*) from mitra_folder where folder_name is null
select count(*) from mitra_folder_item where item_name is null
select count(*) from mitra_print_params where user_id is null
select count(*) from agfahc_report_access_config where ae_title is null
"""


def test_they_are_the_twelve_of_the_text():
    assert "".join(f"{question.sql}\n" for question in integrity.QUESTIONS) == TWELVE


@pytest.mark.parametrize("engine", ["oracle", "sqlserver"])
def test_none_reads_past_locks_and_all_have_a_name_of_their_own(engine):
    asked = integrity.questions(engine)
    assert len(asked) == 13
    assert not any("nolock" in sql.lower() or "uncommitted" in sql.lower() for sql in asked.values())


def test_the_heavy_ones_can_wait():
    light = integrity.questions("oracle", heavy=False)
    assert "dosr_object.series_ref.null" not in light
    assert "map_job.originating_user_id.null" in light


def _oracle(**answers):
    rows = {name: sqlplus.Answer((("0",),)) for name in integrity.questions("oracle")}
    return {**rows, "who": sqlplus.Answer((("MVF", "4711", "Oracle 11g"),)), **answers}


def test_a_count_is_a_whole_number():
    read = integrity.read(_oracle(**{"dosr_study.study_uid.null": sqlplus.Answer((("12",),))}))
    assert read.counts["dosr_study.study_uid.null"] == 12
    assert len(read.counts) == 12
    assert read.database == "MVF 4711 Oracle 11g"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (sqlplus.Answer(None, ("ORA-00942",)), "ORA-00942"),
        (sqlplus.Answer(()), "no single number"),
        (sqlplus.Answer((("twelve",),)), "no single number"),
        (sqlplus.Answer((("-1",),)), "no single number"),
        (sqlplus.Answer((("1", "2"),)), "no single number"),
        (osql.Answer(None, ((1222, 16, 45),)), "Msg 1222"),
        (osql.Answer(None), "no whole answer"),
    ],
)
def test_what_is_no_count_is_not_counted_and_the_others_are(answer, why):
    read = integrity.read(_oracle(**{"dosr_study.study_uid.null": answer}))
    assert dict(read.unread) == {"dosr_study.study_uid.null": why}
    assert len(read.counts) == 11


def test_the_vendors_own_text_asks_the_same():
    folder = Path(os.environ.get("IMPAX_SEED", Path(__file__).parents[4] / "shared" / "seed"))
    texts = sorted(folder.glob("*.txt"))
    if not texts:
        pytest.skip("the vendor's text is not at hand")
    whole = texts[0].read_text(encoding="utf-8")
    part = whole.split("\nChecking the integrity of database data\n")[1].split("\nBringing in a")[0]
    asked = [re.sub(r"\s+", " ", text).strip(" .").lower() for text in re.findall(r"```\n(.*?)```", part, re.S)]
    assert asked == [re.sub(r"\s+", " ", question.sql).lower() for question in integrity.QUESTIONS]


def test_keys_are_asked_for_what_is_wrong_alone():
    name = "dosr_study.study_uid.null"
    assert list(integrity.key_questions("oracle", [name])) == [name]
    assert "'DOSR_STUDY'" in integrity.key_questions("oracle", [name])[name]
    assert integrity.value_questions("oracle", {name: "REF"}) == {
        name: "select REF from dosr_study where study_uid is null and rownum <= 1000"
    }
    assert integrity.value_questions("sqlserver", {name: "ref"})[name].startswith(
        "select top 1000 ref from dosr_study where"
    )


def test_a_key_of_several_columns_or_of_a_strange_name_is_of_no_use():
    rows = {"a": (("REF",),), "b": (("REF",), ("PART",)), "c": (("X; drop",),), "d": (), "e": None}
    assert integrity.single({name: sqlplus.Answer(each) for name, each in rows.items()}) == {"a": "REF"}
    assert integrity.values({"a": sqlplus.Answer((("1",), ("2",))), "b": sqlplus.Answer(None)}) == {"a": ["1", "2"]}
