# SPDX-License-Identifier: GPL-3.0-or-later
"""One station as a process: ``python -m impax_lab.station DIR NAME``.

It holds the database engine, runs the programs that the relays ask for (a thread a call) and takes orders on a control
socket. What is particular to a system lies in `impax_lab.unix` and `impax_lab.windows`; each of them offers

- ``start(station, folder) -> dict``: called once in this process when engine and programs are ready. Starts the relay's
  server and the door to the outside (sshd, WinRM) in threads or child processes, returns when the door answers. The
  result are the host's inventory variables (``ansible_connection``, ``ansible_host``, ``ansible_port``, ...).
- ``stop(station, folder)``: ends all that `start` began. Called once, also after a `start` that failed half way.
- ``host_path(folder, cwd, name) -> Path``: where the station's file `name` lies on the host, within ``folder.root``.
- ``power(station, folder, on)``: cut the power (all that runs there ends at once), or switch it on again.

station: this `StationProcess`; folder: its `StationFolder`. The relay's server makes a `Call` and gives it to
`StationProcess.run`, which never raises.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from impax_lab import calls, faults, oracle_instance, site
from impax_lab.disks import Disks, EngineFiles
from impax_lab.program import Call, HungUp, Killed, discover
from impax_lab.rman import catalogue
from impax_lab.state import Lab, LabError, StationFolder, read_json, write_json

NOBODY = {"user": "", "folder": "", "exit_code": 1}
ENGINES = {"oracle": ("impax_lab.engine.oracle", "Instance"), "sqlserver": ("impax_lab.engine.mssql", "Server")}


class StationProcess:
    """A running station: `spec` (how the site describes it), `folder`, `disks`, its engine and its programs."""

    def __init__(self, lab: Lab, spec: site.Station) -> None:
        self.lab = lab
        self.spec = spec
        self.folder: StationFolder = lab.station(spec.name)
        self.system = importlib.import_module(f"impax_lab.{spec.system}")
        self.programs: dict[str, ModuleType] = discover(spec.system)
        self.disks = Disks(self.folder, spec)
        self._engines: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue()

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def root(self) -> Path:
        return self.folder.root

    # What programs use ----------------------------------------------------------------------------------------------

    @property
    def oracle(self) -> Any:
        """The station's Oracle instance (`impax_lab.engine.oracle.Instance`); LabError when it has none."""
        return self.engine("oracle")

    @property
    def sqlserver(self) -> Any:
        """The station's SQL Server (`impax_lab.engine.mssql.Server`); LabError when it has none."""
        return self.engine("sqlserver")

    def engine(self, product: str) -> Any:
        with self._lock:
            if product not in self._engines:
                self._engines[product] = open_engine(self.folder, self.spec, product, self._files())
                self._engines[product].on_not_understood = self._not_understood
            return self._engines[product]

    def _files(self) -> EngineFiles:
        return EngineFiles(self.disks, self.folder, self.system)

    def _not_understood(self, entry: dict[str, Any]) -> None:
        """A statement that the engine has not got stands among the calls like a program that is not there."""
        told = {"program": "sql", "words": [entry.get("text", "")], "known": False, "note": entry.get("why", "")}
        calls.record(self.folder.calls, {"at": calls.now(), "seconds": 0, **NOBODY, **told})

    def host_path(self, cwd: str, name: str) -> Path:
        return self.system.host_path(self.folder, cwd, name)

    def room(self, name: str, cwd: str = "") -> int:
        """Free bytes on the disk that holds the station's file `name`."""
        return self.disks.room(self.host_path(cwd, name))

    # Calls ----------------------------------------------------------------------------------------------------------

    def run(self, call: Call) -> int | None:
        """Run a call and record it. The result is its exit code, -N when it died of signal N, None: nobody is there."""
        at, began, entry = calls.now(), time.monotonic(), _described(call)
        try:
            code = self._answer(call, entry)
        except Killed as end:
            code = -end.signal
        except HungUp:
            code = None
        except Exception:
            code = self._crashed(call, entry)
        if call.notes:
            entry["notes"] = call.notes
        entry["exit_code"] = code if code is None or code >= 0 or call.windows else None
        if code is not None and code < 0 and not call.windows:
            entry["signal"] = -code
        calls.record(self.folder.calls, {"at": at, "seconds": round(time.monotonic() - began, 4), **entry})
        return code

    def _answer(self, call: Call, entry: dict[str, Any]) -> int:
        fault = faults.take(self.folder.faults, call.name)
        if fault:
            entry["fault"] = fault.behaviour
        if call.name not in self.programs:
            entry["known"] = False
            return getattr(self.system, "not_found", _not_found)(call)
        return faults.perform(call, self.programs[call.name], fault)

    def _crashed(self, call: Call, entry: dict[str, Any]) -> int:
        entry["note"] = f"the lab's own program failed: {traceback.format_exc(limit=-2)}"
        traceback.print_exc()
        with suppress(HungUp):
            call.err(f"impax-lab: {call.name}: the lab's own program failed: {sys.exc_info()[1]}\n")
        return 70

    # Orders ---------------------------------------------------------------------------------------------------------

    def order(self, asked: dict[str, Any]) -> Any:
        """Do what came by the control socket: ``{"do": "ping" | "stop" | "power" | "arrive", ...}``."""
        if asked["do"] == "ping":
            return "here"
        if asked["do"] == "stop":
            self.end()
            return "stopping"
        if asked["do"] == "power":
            self.on_main_thread(lambda: self.system.power(self, self.folder, bool(asked["on"])))
            return "on" if asked["on"] else "off"
        if asked["do"] == "arrive":
            return self._arrive(asked["table"], asked["rows"], asked.get("database"))
        raise LabError(f"no such order: {asked['do']}")

    def _arrive(self, table: str, rows: int, database: str | None) -> str:
        """Rows come in now, committed by another session."""
        if self.spec.oracle:
            self.oracle.arrive(table, rows)
        else:
            self.sqlserver.arrive(database or next(iter(self.spec.sqlserver.get("databases", {})), ""), table, rows)
        return f"{rows} rows"

    def on_main_thread(self, work: Callable[[], None]) -> None:
        """Do it there and wait: child processes that die with their parent die with the thread that began them."""
        done: queue.Queue[Exception | None] = queue.Queue()

        def guarded() -> None:
            try:
                work()
                done.put(None)
            except Exception as error:
                done.put(error)

        self._work.put(guarded)
        if error := done.get():
            raise error

    def until_told_to_stop(self) -> None:
        while work := self._work.get():
            work()

    def end(self) -> None:
        self._work.put(None)

    def close_engines(self) -> None:
        with self._lock:
            for engine in self._engines.values():
                engine.close()
            self._engines.clear()


def _not_found(call: Call) -> int:
    call.err(f"impax-lab: the station has no program {call.words[0]!r}\n")
    return 127


def _described(call: Call) -> dict[str, Any]:
    return {"program": call.name, "words": call.words, "user": call.user, "folder": call.cwd}


# The engine --------------------------------------------------------------------------------------------------------


def open_engine(folder: StationFolder, spec: site.Station, product: str, files: Any = None) -> Any:
    """The engine of a station; files: the disks for a server's own files. LabError when it has none of that product."""
    described = spec.engine_spec(product)
    if not described:
        raise LabError(f"station {spec.name} has no {product} database")
    module, maker = ENGINES[product]
    place = folder.engine / product
    place.mkdir(parents=True, exist_ok=True)
    make = getattr(importlib.import_module(module), maker)
    if product == "oracle" and spec.windows:
        described.setdefault("platform", "Microsoft Windows x86 64-bit")
    return make(place, described, files=files)


def product_of(spec: site.Station) -> str:
    """Which engine a station has. Raises LabError when it has none."""
    for product in ENGINES:
        if getattr(spec, product):
            return product
    raise LabError(f"station {spec.name} has no database")


def instances(spec: site.Station) -> list[str]:
    """The names of a station's database instances, in small letters."""
    return [str(getattr(spec, product).get("name", "")).lower() for product in ENGINES if getattr(spec, product)]


def inspect(folder: StationFolder, spec: site.Station, statement: str, database: str | None) -> list[dict[str, Any]]:
    """Committed rows from the engine's own files, whether the station is up or not."""
    product = product_of(spec)
    module = importlib.import_module(ENGINES[product][0])
    place = folder.engine / product
    if not place.exists():
        raise LabError(f"station {spec.name} has never been up: its database has no files yet")
    return module.inspect(place, statement, database=database)


# The process -------------------------------------------------------------------------------------------------------


def serve(lab: Lab, name: str) -> None:
    """Be the station until it is told to stop."""
    station = StationProcess(lab, site.from_dict(read_json(lab.site, {})).station(name))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: station.end())
    control = _listen(station)
    try:
        for product in ENGINES:
            if getattr(station.spec, product):
                station.engine(product)
        variables = station.system.start(station, station.folder)
        for folder in station.spec.options.get("folders", []):
            station.host_path("", folder).mkdir(parents=True, exist_ok=True)
        catalogue.prepare(station)
        oracle_instance.prepare(station)
        write_json(station.folder.ready, {"pid": os.getpid(), "variables": variables})
        station.until_told_to_stop()
    finally:
        station.folder.ready.unlink(missing_ok=True)
        station.system.stop(station, station.folder)
        station.close_engines()
        control.close()
        station.folder.control.unlink(missing_ok=True)


def _listen(station: StationProcess) -> socket.socket:
    station.folder.control.unlink(missing_ok=True)
    server = listening(station.folder.control)
    threading.Thread(target=_take_orders, args=(station, server), daemon=True).start()
    return server


def listening(path: Path) -> socket.socket:
    """A listening unix socket; the way through /proc spares the 108 bytes that an address may have."""
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        server.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)
    server.listen(128)
    return server


def _take_orders(station: StationProcess, server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_one_order, args=(station, connection), daemon=True).start()


def _one_order(station: StationProcess, connection: socket.socket) -> None:
    with connection, connection.makefile("rw", encoding="utf-8") as lines:
        try:
            answer = {"ok": station.order(json.loads(lines.readline()))}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}" if not isinstance(error, LabError) else str(error)}
        lines.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")


def order(folder: StationFolder, **asked: Any) -> Any:
    """Give a running station an order and return its answer. Raises LabError; ConnectionError when it does not run."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            place = os.open(folder.run, os.O_PATH | os.O_DIRECTORY)
            try:
                connection.connect(f"/proc/self/fd/{place}/{folder.control.name}")
            finally:
                os.close(place)
        except FileNotFoundError as error:
            raise ConnectionError(f"station {folder.name} is not up") from error
        with connection.makefile("rw", encoding="utf-8") as lines:
            lines.write(json.dumps(asked) + "\n")
            lines.flush()
            line = lines.readline()
    if not line:
        raise ConnectionError(f"station {folder.name} went away")
    answer = json.loads(line)
    if "error" in answer:
        raise LabError(f"station {folder.name}: {answer['error']}")
    return answer["ok"]


if __name__ == "__main__":
    serve(Lab(Path(sys.argv[1])), sys.argv[2])
