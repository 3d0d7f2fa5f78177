# SPDX-License-Identifier: GPL-3.0-or-later
"""S16, S17, S20, S21 on simulated stations: built once, once only, and whatever the script or the report says."""

from __future__ import annotations

import json
import subprocess
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psutil
import pytest
import yaml
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal
from support.audit_site import BIN, site_of

WAY = {
    "as3000": {
        "schema": {"section": "S17", "engine": "oracle", "os_user": "oracle"},
        "report": {"section": "S21", "os_user": "oracle"},
        "database": "MVF",
        "count": "select count(*) as n from dba_tables where table_name like 'MIG!_%' escape '!'",
        "down": "not_available",
    },
    "as300_oracle": {
        "schema": {"section": "S16", "engine": "oracle", "system": "windows", "os_user": "AgfaService", "room_mb": 100},
        "report": {"section": "S20", "system": "windows", "account": "dbadmin", "password": "dbadmin-Lab-7392"},
        "database": "MVF",
        "count": "select count(*) as n from dba_tables where table_name like 'MIG!_%' escape '!'",
        "down": "not_available",
    },
    "as300": {
        "schema": {"section": "S16", "engine": "sqlserver", "account": "sa", "passkey": "C:\\mvf\\bin\\passkey.exe"},
        "report": {"section": "S20", "system": "windows", "account": "sa", "password": "sa-Lab-9043"},
        "database": "mvf",
        "count": "select count(*) as n from sysobjects where name like 'MIG!_%' escape '!'",
        "down": "no_server",
    },
}
SCRIPT = "build-impax-mig-schema"
REPORT = "mig-study-archive-report"


class Play:
    """One station of a fresh site, and the module in a playbook of its own."""

    def __init__(self, lab, station: str, folder: Path, environment: dict) -> None:
        self.lab, self.station, self.folder, self.environment = lab, station, folder, environment
        self.way, self.approvals = WAY[station], []
        self.state = lab.state / "mig-state"

    def _words(self, module: str, *more: str, **options) -> list:
        task = {f"impax.upgrade.{module}": options, "name": "The module", "register": "seen"}
        keep = {
            "name": "Keep",
            "ansible.builtin.copy": {"content": "{{ seen | to_json }}", "dest": str(self.folder / "seen.json")},
            "delegate_to": "localhost",
            "vars": {"ansible_connection": "local"},
            "check_mode": False,
        }
        play = {"name": "Play", "hosts": self.station, "gather_facts": False, "tasks": [task, keep]}
        (self.folder / "play.yml").write_text(yaml.safe_dump([play]))
        given = json.dumps({"impax_state": str(self.state), "impax_approvals": self.approvals})
        inventory = self.lab.state / "inventory"
        return [BIN / "ansible-playbook", "-vvvv", self.folder / "play.yml", "-i", inventory, "-e", given, *more]

    def run(self, module: str, *more: str, **options) -> dict:
        words = self._words(module, *more, **options)
        ran = subprocess.run(words, capture_output=True, text=True, timeout=180, env=self.environment, check=False)
        self.printed = ran.stdout + ran.stderr
        assert ran.returncode == 0, self.printed[-3000:]
        return json.loads((self.folder / "seen.json").read_text())

    def start(self, module: str, **options) -> subprocess.Popen:
        return subprocess.Popen(
            self._words(module, **options),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment,
        )

    def schema(self, *more: str, **options) -> dict:
        return self.run("mig_schema", *more, **self.way["schema"], **options)

    def report(self, *more: str, **options) -> dict:
        return self.run("study_archive_report", *more, **self.way["report"], **options)

    def objects(self) -> int:
        return int(next(iter(self.lab.sql(self.station, self.way["count"])[0].values())))

    def journal(self) -> Journal:
        return Journal.open(self.state, "demo", create=True)

    def backed_up(self) -> None:
        end = datetime.now(timezone.utc) - timedelta(hours=1)
        facts = {
            "station": self.station, "database": self.way["database"], "engine": self.way["schema"]["engine"], "kind": "full",
            "started": end.isoformat(), "finished": end.isoformat(), "verified": "by this test", "where": ["x"], "bytes": 9,
        }  # fmt: skip
        self.journal().append("evidence", station=self.station, what="database_backup", facts=facts)

    def approved(self) -> dict:
        """Runs until the build awaits its approval, and approves it."""
        result = self.schema()
        awaited = finding(result, "mig_schema.build")
        self.approvals = [
            {"site": "demo", "station": self.station, "finding": awaited["key"], "evidence": awaited["evidence_hash"],
             "by": "A. Person", "until": "2999-01-01T00:00:00Z"}
        ]  # fmt: skip
        return awaited


def finding(result: dict, key: str) -> dict:
    found = [each for each in result["findings"] if each["key"] == key]
    assert found, result["findings"]
    return found[-1]


@pytest.fixture
def play(lab_up, tmp_path, ansible_environment):
    """play(station, **options of the station) -> Play; its site is taken down after the test."""
    labs = []

    def made(station: str, **options) -> Play:
        site = site_of(station, rows=20)
        site["stations"][station].setdefault("options", {}).update(options)
        labs.append(lab_up(tmp_path / "lab", site))
        return Play(labs[-1], station, tmp_path, ansible_environment)

    yield made
    for lab in labs:
        lab("down")


@pytest.mark.parametrize("station", list(WAY))
def test_backup_then_approval_then_a_build_and_never_another(play, station):
    on = play(station)
    result = on.schema()
    assert finding(result, "mig_schema.backup")["verdict"] == "blocker" and not result["changed"]
    on.backed_up()
    awaited = on.approved()
    assert awaited["verdict"] == "attention" and on.objects() == 0
    foretold = on.schema("--check")
    assert foretold["changed"] and finding(foretold, "mig_schema.build")["would"] and on.objects() == 0
    assert not on.lab.calls(station, SCRIPT)
    built = on.schema()
    assert (built["verdict"], built["changed"]) == ("changed", True), built
    assert on.objects() == 6 and "sa-Lab-9043" not in on.printed
    again = on.schema()
    assert (again["verdict"], again["changed"]) == ("ok", False), again
    assert len(on.lab.calls(station, SCRIPT)) == 1
    assert "sa-Lab-9043" not in (on.state / "journal.jsonl").read_text()


@pytest.mark.parametrize(
    ("station", "behaviour", "verdict", "next_verdict"),
    [
        ("as3000", "half_way", "blocker", "blocker"),
        ("as3000", "exit_nonzero", "blocker", "blocker"),
        ("as3000", "says_done_does_nothing", "blocker", "changed"),
        ("as3000", "lying_zero", "blocker", "changed"),
        ("as3000", "empty_output", "unknown", "unknown"),
        ("as300_oracle", "half_way", "blocker", "blocker"),
        ("as300", "half_way", "blocker", "blocker"),
        ("as300", "wrong_password", "blocker", "changed"),
        ("as300", "disconnect_after", "unknown", "unknown"),
    ],
)
def test_a_build_that_went_wrong_is_no_schema(play, station, behaviour, verdict, next_verdict):
    on = play(station)
    on.backed_up()
    on.approved()
    on.lab.inject(station, SCRIPT, behaviour, 1)
    result = on.schema()
    assert result["verdict"] == verdict, result
    assert station in result["msg"]
    after = on.schema()
    assert after["verdict"] == next_verdict, (after["msg"], on.lab.calls(station, SCRIPT))
    assert len(on.lab.calls(station, SCRIPT)) == (2 if next_verdict == "changed" else 1)


@pytest.mark.parametrize("station", ["as3000", "as300"])
def test_objects_of_which_nothing_is_known_and_objects_that_are_counted(play, station):
    on = play(station)
    on.backed_up()
    on.approved()
    on.lab.inject(station, SCRIPT, "lost_half_way", 1)
    assert on.schema(expected_objects=6)["verdict"] == "blocker"
    on.state = on.state.with_name("another-journal")
    assert on.schema()["verdict"] == "attention"
    assert on.schema(expected_objects=6)["verdict"] == "blocker"
    assert on.schema(expected_objects=3)["verdict"] == "ok"


def test_a_controller_that_is_killed_finds_the_build_again(play):
    on = play("as3000", mig_schema_s=2)
    on.backed_up()
    on.approved()
    killed = on.start("mig_schema", **on.way["schema"])
    until = time.monotonic() + 60
    while not on.objects():
        assert time.monotonic() < until, "the build was not begun"
        time.sleep(0.1)
    main = psutil.Process(killed.pid)
    for process in [*main.children(recursive=True), main]:  # a worker would go on by itself
        process.kill()
    killed.wait()
    assert on.objects() < 6
    assert on.schema("--check")["verdict"] == "unknown"
    assert on.schema()["verdict"] == "changed" and on.objects() == 6
    assert on.schema()["verdict"] == "ok"
    assert len(on.lab.calls("as3000", SCRIPT)) == 1


def test_no_toolbox_and_no_room_begin_nothing(play):
    on = play("as3000")
    on.backed_up()
    assert finding(on.schema(room_mb=999_999), "mig_schema.room")["verdict"] in ("blocker", "unknown")
    assert finding(on.schema(tablespaces=["NONE"]), "mig_schema.room")["verdict"] == "unknown"
    absent = on.schema(folder="/opt/mig")
    assert finding(absent, "mig_schema.toolbox")["verdict"] == "unknown" and on.objects() == 0
    assert finding(on.report(folder="/opt/mig"), "study_archive_report.toolbox")["verdict"] == "unknown"
    assert on.schema(pattern="%")["verdict"] == "unknown"


@pytest.mark.parametrize("station", list(WAY))
def test_the_report_is_read_kept_and_not_asked_for_again(play, station):
    on = play(station)
    foretold = on.report("--check")
    assert foretold["changed"] and not on.lab.calls(station, REPORT)
    result = on.report()
    assert (result["verdict"], result["changed"]) == ("ok", True), result
    file = finding(result, "study_archive_report.file")["evidence"]
    local = Path(file["path"])
    assert local.parent == on.state / "reports" / station and local.stat().st_mode & 0o777 == 0o600
    assert local.stat().st_size == file["bytes"] > 0
    again = on.report()
    assert (again["verdict"], again["changed"]) == ("ok", False)
    assert len(on.lab.calls(station, REPORT)) == 1
    assert on.way["report"].get("password", "sa-Lab-9043") not in on.printed + (on.state / "journal.jsonl").read_text()


@pytest.mark.parametrize("station", ["as3000", "as300"])
def test_a_report_that_was_not_read_is_unknown(play, station):
    on = play(station)
    for behaviour in ("other_words", "no_counts", "empty_output", "exit_nonzero", "translated", on.way["down"]):
        on.lab.inject(station, REPORT, behaviour, 1)
        result = on.report()
        assert result["verdict"] == "unknown", (behaviour, result)
        assert station in result["msg"]
    for behaviour in ("no_path", "empty_file", "says_done_does_nothing", on.way["down"]):
        on.lab.inject(station, "mig_reporter", behaviour, 1)
        result = on.report()
        assert finding(result, "study_archive_report.file")["verdict"] == "unknown", (behaviour, result)


def test_unarchived_studies_and_their_trend(play):
    on = play("as3000", studies={"total": 400, "archived": 388})
    assert finding(on.report(), "study_archive_report.unarchived")["verdict"] == "attention"
    again = finding(on.report(), "study_archive_report.unarchived")
    assert "12 of 400" in again["summary"] and "as many as at" in again["summary"]
    assert on.report(unarchived_studies_max=12)["verdict"] == "ok"
