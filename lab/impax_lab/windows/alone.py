# SPDX-License-Identifier: GPL-3.0-or-later
"""A Windows station without a site: to try a client against it. Prints its inventory variables as JSON."""

from __future__ import annotations

import argparse
import json
import signal
import tempfile
import threading
from pathlib import Path

from impax_lab.site import from_dict
from impax_lab.state import Lab
from impax_lab.station import StationProcess


def main() -> None:
    asked = _arguments()
    options = {"port": asked.port, "scheme": asked.scheme, "basic": not asked.no_basic, "tls": asked.tls}
    spec = {
        "system": "windows", "release": "6.0.6002", "codec": "cp850", "user": asked.user, "password": asked.password,
        "disks": {"C:": 20000, "D:": 8000}, "options": {"winrm": options},
    }  # fmt: skip
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with tempfile.TemporaryDirectory(prefix="winrmd.") as place:
        lab = Lab(Path(place))
        station = StationProcess(lab, from_dict({"stations": {"alone": spec}}).station("alone"))
        station.folder.make()
        try:
            print(json.dumps(station.system.start(station, station.folder)), flush=True)
            over.wait()
        finally:
            station.system.stop(station, station.folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="winrmd", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user", default="impax")
    parser.add_argument("--password", default="Secret-1")
    parser.add_argument("--scheme", choices=("http", "https"), default="http")
    parser.add_argument("--tls", choices=("1.0", "1.1", "1.2"), default="1.2")
    parser.add_argument("--no-basic", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
