# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups that are there when the server comes up for the first time, as the site describes them.

::

    sqlserver: {databases: {mvf: {used_mb: 40, backups: [{type: full | differential | log, age_h: 20, path: 'D:\\backup\\mvf.bak',
        name, description, checksum: true, copy_only: true, user, state: ok | missing | truncated | corrupt | empty | foreign |
        incomplete, other: DATABASE}]}}}

`state`: what became of the file; missing: msdb knows it, the disk does not. `other`: the file holds that database. Several of one
path lie in one file, one behind the other. The folders of the paths are made.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impax_lab.engine.ms import backing, backup_media, backup_sets, databases, types

if TYPE_CHECKING:
    from impax_lab.engine.mssql import Server

CREATED_HOURS = 24 * 700
KINDS = {"full": backup_sets.FULL, "differential": backup_sets.DIFFERENTIAL, "log": backup_sets.LOG}


def create(server: Server) -> None:
    """Oldest first. Raises ValueError for a type or state that there is none of."""
    wanted = [
        (float(each.get("age_h", 12)), str(name), dict(each))
        for name, made in (server.spec.get("databases") or {}).items() for each in (made or {}).get("backups") or []
    ]  # fmt: skip
    _age(server, {name for _, name, _ in wanted})
    for age, name, each in sorted(wanted, key=lambda one: -one[0]):
        _create(server, name, each, age)


def _age(server: Server, names: set[str]) -> None:
    """Databases that have backups are older than these."""
    everything = databases.load(server)
    for name in names:
        everything[name.lower()]["created"] = types.stored_moment(backup_sets.before(CREATED_HOURS))
    databases.save(server, everything)


def _create(server: Server, name: str, made: dict[str, Any], age: float) -> None:
    state, kind = str(made.get("state", "ok")), str(made.get("type", "full"))
    if state not in STATES or kind not in KINDS:
        raise ValueError(
            f"backup of {name}: type {kind!r}, state {state!r}; known are {', '.join(KINDS)}; {', '.join(STATES)}"
        )
    options = {"NAME": made.get("name"), "DESCRIPTION": made.get("description")}
    options |= {word: None for word, key in (("CHECKSUM", "checksum"), ("COPY_ONLY", "copy_only")) if made.get(key)}
    found = server.databases()[str(made.get("other") or name).lower()]
    job = backing.Job(server, found, KINDS[kind], options)
    job.user = str(made.get("user") or "sa")
    path = str(made.get("path") or f"{server.backup_folder}\\{name}.bak")
    place = server.place(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    medium = backup_media.read(place) if place.exists() else backup_media.Medium("empty")
    at = backup_sets.before(age)
    job.began = at - timedelta(seconds=job.seconds)
    told = job.told(len(medium.parts) + 1, at, 1)
    header = medium.told or backup_sets.medium(server, 1, 1, backup_sets.new_id(), None, None, at)
    size = sum(job.pages) * backup_media.PAGE
    whole = {**told, "finished": None} if state == "incomplete" else told
    backup_media.write(
        place, None if medium.told else header, medium.end, whole, size, 0.5 if state == "incomplete" else 1.0
    )
    STATES[state](place)
    if place.exists():
        moment = at.timestamp()
        os.utime(place, (moment, moment))
    if state != "incomplete":
        known = {**told, "database": name}
        backup_sets.remember(server, {**known, "media": header, "devices": [(path, header["family_id"])]})


def _leave(place: Path) -> None:
    """As it was written."""


STATES: dict[str, Callable[[Path], Any]] = {
    "ok": _leave, "incomplete": _leave, "missing": lambda place: place.unlink(), "truncated": backup_media.cut,
    "corrupt": backup_media.spoil, "empty": lambda place: place.write_bytes(b""),
    "foreign": lambda place: place.write_bytes(b"Windows Registry Editor Version 5.00\r\n" * 200),
}  # fmt: skip
