# SPDX-License-Identifier: GPL-3.0-or-later
"""A second pair of eyes on a Molecule scenario's stations: the lab's own answers, nothing of the collection."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml
from impax_lab.dump import dumpfile

MARK = "-Lab-"  # every password of the simulated site has it
BUILD = "build-impax-mig-schema"
REPORT = "mig-study-archive-report"
MB = 1 << 20
T = TypeVar("T")


def the_one(found: Sequence[T], what: str) -> T:
    """The one that there must be."""
    assert len(found) == 1, f"{what}: expected one, seen {len(found)}"
    return found[0]


class Eyes:
    """Looks at the stations of the scenario under way, through testinfra's `host` on this machine."""

    def __init__(self, host: Any) -> None:
        self.host = host
        project = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"])
        self.state = project / "build/molecule" / os.environ["MOLECULE_SCENARIO_NAME"]
        self.roots: dict[str, Path] = {}

    # The station

    def lab(self, *words: str) -> str:
        places = " ".join("%s" for _ in words)  # testinfra quotes what it puts there
        ended = self.host.run(f"impax-lab --state %s {places}", str(self.state), *words)
        assert ended.rc == 0, ended.stderr
        return str(ended.stdout)

    def sql(self, station: str, statement: str, database: str | None = None) -> list[dict[str, Any]]:
        """Committed rows, from the engine itself. Oracle's column names are in capitals."""
        where = ["--database", database] if database else []
        return list(json.loads(self.lab("sql", station, statement, *where)))

    def rows(self, station: str, table: str = "map_event_audit") -> int:
        return int(next(iter(self.sql(station, f"select count(*) as n from {table}")[0].values())))

    def root(self, station: str) -> Path:
        if station not in self.roots:
            self.roots[station] = Path(self.lab("root", station).strip())
        return self.roots[station]

    def on_disk(self, station: str, path: str) -> Path | None:
        """A file of the station, where the lab keeps it: C:\\x is c/x, and there upper and lower case are the same."""
        root = self.root(station)
        if ":" not in path:
            found = root / path.lstrip("/")
            return found if found.is_file() else None
        wanted = path.replace(":", "", 1).replace("\\", "/").lower()
        every = (file for file in root.rglob("*") if file.relative_to(root).as_posix().lower() == wanted)
        return next(every, None)

    def folder(self, station: str, path: str) -> list[Path]:
        """The files of a folder of the station."""
        root, wanted = self.root(station), path.replace(":", "", 1).replace("\\", "/").strip("/").lower()
        every = (file for file in root.rglob("*") if file.is_file())
        return sorted(file for file in every if file.parent.relative_to(root).as_posix().lower() == wanted)

    def calls(self, station: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lab("calls", station).splitlines()]

    def called(self, station: str) -> set[str]:
        return {str(call["program"]) for call in self.calls(station)}

    def exposed(self, station: str) -> set[str]:
        """Programs that had a password among their words, where a list of processes shows it."""
        return {str(call["program"]) for call in self.calls(station) if MARK in str(call["words"])}

    # The controller

    @property
    def began(self) -> datetime:
        """When the stations were up, before anything was done."""
        return datetime.fromtimestamp(int((self.state / "site/site/hosts.yml").stat().st_mtime))

    def variables(self, station: str) -> dict[str, Any]:
        return dict(yaml.safe_load((self.state / "site/site/host_vars" / f"{station}.yml").read_text()))

    def carried(self, kind: str, station: str) -> list[Path]:
        """Files that were carried off: kind is `copies` or `reports`."""
        return sorted((self.state / "site/state" / kind / station).glob("*"))

    def journal(self) -> list[dict[str, Any]]:
        """What the controller noted; nothing where no run was."""
        files = list((self.state / "site/state").glob("**/journal*.jsonl"))
        return [json.loads(line) for line in files[0].read_text().splitlines()] if files else []

    def findings(self, section: str) -> list[dict[str, Any]]:
        """The findings of a section, oldest first."""
        found = [entry["finding"] for entry in self.journal() if entry["kind"] == "finding"]
        return [finding for finding in found if finding["section"] == section]

    def exported(self) -> dict[str, Any]:
        """The evidence of the newest export that the journal holds."""
        evidence = [entry for entry in self.journal() if entry["kind"] == "evidence"]
        found = [entry for entry in evidence if entry["what"] == "audit_export"]
        return dict(found[-1]["facts"]) if found else {}


class OracleEyes(Eyes):
    """What Oracle's dictionary and the station's disks say. Sizes in MB and bytes."""

    def data_files(self, station: str) -> dict[str, list[str]]:
        """Paths of the data files by tablespace."""
        found: dict[str, list[str]] = {}
        for row in self.sql(station, "select tablespace_name, file_name from dba_data_files order by file_id"):
            found.setdefault(row["TABLESPACE_NAME"], []).append(row["FILE_NAME"])
        return found

    def free_mb(self, station: str) -> dict[str, float]:
        asked = "select tablespace_name, sum(bytes) as bytes from dba_free_space group by tablespace_name"
        return {row["TABLESPACE_NAME"]: float(row["BYTES"]) / MB for row in self.sql(station, asked)}

    def premigration(self, station: str) -> dict[str, str]:
        """Status of each object of the pre-migration schema."""
        asked = (
            "select object_name, status from dba_objects where owner = 'MVF' and object_name like 'MIG\\_%' escape '\\'"
        )
        return {row["OBJECT_NAME"]: row["STATUS"] for row in self.sql(station, asked)}

    def dumped(self, file: Path) -> dict[str, int]:
        """Rows by table in a dump file that is read to its end."""
        return dumpfile.counted(dumpfile.read(file.read_bytes()).tables)

    def backup_sets(self, station: str) -> set[int]:
        return {int(row["SET_COUNT"]) for row in self.sql(station, "select set_count from v$backup_set")}

    def saved_files(self, station: str) -> set[int]:
        """Numbers of the files in a backup made since the start whose piece lies whole on disk; 0: the control file."""
        done = "to_char(p.completion_time, 'YYYY-MM-DD HH24:MI:SS') as done"
        asked = f"select d.file# as saved, p.handle, p.bytes, {done} from v$backup_datafile d, v$backup_piece p"
        same = "p.status = 'A' and d.set_stamp = p.set_stamp and d.set_count = p.set_count"
        rows = self.sql(station, f"{asked} where {same}")
        made = [row for row in rows if datetime.fromisoformat(row["DONE"]) >= self.began]
        pieces = {row["HANDLE"]: self.on_disk(station, row["HANDLE"]) for row in made}
        size = {path: file.stat().st_size for path, file in pieces.items() if file}
        return {int(row["SAVED"]) for row in made if size.get(row["HANDLE"]) == int(row["BYTES"])}
