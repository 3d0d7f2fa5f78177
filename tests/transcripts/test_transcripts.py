# SPDX-License-Identifier: GPL-3.0-or-later
"""Every core fact of every transcript, by the program file that reads it.

Folders: this one, shared transcripts beside the checkout where they lie, and each folder that IMPAX_TRANSCRIPTS names.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import re
from dataclasses import asdict, is_dataclass
from pathlib import Path

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils import programs

HERE = Path(__file__).resolve().parent
PENDING = {
    line.strip()
    for line in (HERE / "pending.txt").read_text().splitlines()
    if line.strip() and not line.startswith("#")
}

# The facts that a reader must arrive at; other keys of a case are notes for people.
CORE = {
    "bcp": {"success", "rows", "errors", "connected"},
    "exp": {"success", "warnings", "tables", "codes"},
    "imp": {"whole", "codes"},
    "sqlplus": {"error", "codes", "connected", "value", "rows"},
    "sqlcmd": {"error", "msgs", "value", "rows", "affected", "connected"},
    "sp_spaceused": {"name", "rows", "reserved_kb", "data_kb", "index_kb", "unused_kb"},
    "mssql_backup": {"success", "pages", "msgs", "os_error", "verified", "file"},
    "passkey": {"had"},
    "fsutil": {"available_kb"},
    "digest": {"sha1"},
    "ls": {"kind", "size"},
    "build_impax_mig_schema": {"codes", "silent"},
    "mig_study_archive_report": {"unarchived", "total", "archived", "codes"},
    "mig_reporter": {"path", "codes"},
    "lsnrctl": {"running", "already", "codes"},
    "monitor_stats": {"tablespaces"},
    "net": {
        "helpmsg",
        "service_specific",
        "system_error",
        "started",
        "stopped",
        "installed",
        "results",
        "state",
        "prompt",
        "dependants",
    },
    "sc": {"services", "win32_exit_code", "error", "installed", "announced"},
    "netsh": {"ok", "rules", "deprecated"},
    "rman": {
        "error",
        "codes",
        "failed_command",
        "connected",
        "bs_keys",
        "keys",
        "backupsets",
        "prompt",
        "pieces",
        "deleted",
        "expired",
    },
}
DISK_FACT = re.compile(r"\w+_(?:avail_kb|capacity|kbytes|used_kb)")  # df_k: "root_avail_kb", "export_home_capacity"
ALIKE = {"osql": "sqlcmd", "isql": "sqlcmd"}


def readers():
    found = {}
    for module in pkgutil.iter_modules(programs.__path__):
        loaded = importlib.import_module(f"{programs.__name__}.{module.name}")
        found.update(dict.fromkeys(getattr(loaded, "TRANSCRIPTS", ()), loaded))
    return found


READERS = readers()


def folders():
    yield HERE
    shared = HERE.parents[1].parent / "shared/transcripts"
    if shared.is_dir():
        yield shared
    for named in filter(None, os.environ.get("IMPAX_TRANSCRIPTS", "").split(":")):
        assert Path(named).is_dir(), f"IMPAX_TRANSCRIPTS names {named}, which is no folder"
        yield Path(named)


def cases():
    for number, folder in enumerate(folders()):
        for notes in sorted(folder.glob("*/*.json")):
            yield pytest.param(notes.parent.name, notes, id=f"{number}-{notes.parent.name}-{notes.stem}")


def facts_of(program: str, printed: str) -> dict:
    """What the program's reader says, in the words of the transcripts' notes."""
    module = READERS[program]
    if program == "df_k":
        return {name: value for system in module.read(printed) for name, value in _disk(system).items()}
    if program == "passkey":
        return {"had": module.read(printed, "x") is not None}
    if program == "fsutil":
        return {"available_kb": module.available_kb(printed)}
    if program == "digest":
        return {"sha1": module.read(printed)}
    read = module.read(printed)
    if not is_dataclass(read):
        return {}
    properties = {"success": read.success} if hasattr(read, "success") else {}
    return {**asdict(read), **properties}


def _disk(system) -> dict:
    mount = system.mounted.strip("/").replace("/", "_") or "root"
    return {
        f"{mount}_avail_kb": system.available,
        f"{mount}_capacity": system.capacity,
        f"{mount}_kbytes": system.kilobytes,
        f"{mount}_used_kb": system.used,
    }


def agrees(stated, seen) -> bool:
    """Dictionaries by the keys that are stated, lists in order and length, numbers as numbers."""
    if isinstance(stated, dict):
        return isinstance(seen, dict) and all(key in seen and agrees(value, seen[key]) for key, value in stated.items())
    if isinstance(stated, list):
        return isinstance(seen, (list, tuple)) and len(stated) == len(seen) and all(map(agrees, stated, seen))
    if isinstance(stated, bool) or stated is None:
        return seen is stated
    return seen == stated


def is_core(program: str, name: str) -> bool:
    return bool(DISK_FACT.fullmatch(name)) if program == "df_k" else name in CORE[program]


@pytest.mark.parametrize("program, notes", list(cases()))
def test_a_transcript_is_read_for_its_core_facts(program, notes):
    program = ALIKE.get(program, program)
    if program in PENDING:
        assert program not in READERS, f"{program} has a reader: take it out of pending.txt"
        pytest.skip(f"{program} is not built yet (pending.txt)")
    assert program in READERS, f"{program} has no reader and is not in pending.txt"
    stated = json.loads(notes.read_text(encoding="utf-8"))["facts"]
    expected = {name: value for name, value in stated.items() if is_core(program, name)}
    assert expected, f"{notes} states no core fact"
    printed = notes.with_suffix(".txt").read_bytes().decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    seen = facts_of(program, printed)
    wrong = {
        name: (value, seen.get(name, "nothing"))
        for name, value in expected.items()
        if not agrees(value, seen.get(name, "nothing"))
    }
    assert not wrong, f"(stated, read): {wrong}"


@pytest.mark.parametrize("program", sorted(READERS))
def test_every_reader_has_a_transcript_and_nothing_at_all_is_never_good(program):
    program = ALIKE.get(program, program)
    assert any((folder / program).is_dir() for folder in folders())
    seen = facts_of(program, "")
    assert not any(seen.get(name) for name in ("success", "whole", "had", "connected", "rows"))


def test_agreement_can_fail():
    assert not agrees({"a": 1}, {"a": 2}) and not agrees([1], [1, 2]) and not agrees(None, 0) and not agrees(True, 1)
    assert agrees({"a": 1}, {"a": 1.0, "b": 2}) and agrees([["x", 1]], (("x", 1),))
