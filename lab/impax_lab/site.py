# SPDX-License-Identifier: GPL-3.0-or-later
"""The site that is simulated: SITE.yml and scenarios, read, merged and checked.

::

    name: demo
    variables: {impax_...: value}            # group_vars/all of the inventory
    stations:
      as3000:
        type: as3000                         # its server type: the inventory group
        system: unix | windows
        release: "5.10"                      # unix: uname -r; windows: "6.0.6002"
        hostname: as3000                     # default: the station's name
        codec: utf-8                         # of its terminal; windows: the OEM code page, cp850
        user: root                           # the account that logs in
        password: ...                        # windows: of that account
        users: {root: {uid: 0, home: /, shell: /bin/sh}, ...}
        oracle: {name: MVF, version: ..., users: {DBADMIN: {password: ...}}, ...}
        sqlserver: {name: ..., version: ..., logins: {sa: {password: ...}}, databases: {mvf: {...}}, ...}
        tables_from: [impax_oracle]          # tables that many stations have, of sites/tables/NAME.yml; a null in `tables` drops one
        tables: {NAME: {database | owner, columns, key, rows, null_user_id, nulls: {COLUMN: n},
                        duplicates: {COLUMN: n}, arrival_per_s}}
        disks: {/: free_mb, /backup: free_mb} # free room in MiB; a path is a mount point or a drive
        versions: {impax: 6.3.1}  services: {NAME: running|stopped}  backup_sets: [...]
        accounts: {NAME: locked | wrong_password}
        options: {noisy_profile: true, old_ssh: true, zone: MET, folders: [/backup/audit]}
        variables: {impax_...: value}        # host_vars of the inventory

A scenario is ``{stations: {NAME: {what differs}}, faults: [{station, program, nth, behaviour}]}``; mappings are merged,
everything else replaced. `oracle` and `sqlserver` go to the database engine as they stand, with `tables`, `accounts`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from impax_lab.state import LabError

SYSTEMS = ("unix", "windows")
DEFAULT_ZONE = "UTC"
ACCOUNT_STATES = ("locked", "wrong_password")


@dataclass(frozen=True)
class Station:
    """One machine of the site, as it is when the lab comes up. The fields are those of the module's text."""

    name: str
    type: str
    system: str
    release: str = ""
    hostname: str = ""
    codec: str = "utf-8"
    user: str = "root"
    password: str = ""
    users: dict[str, Any] = field(default_factory=dict)
    oracle: dict[str, Any] = field(default_factory=dict)
    sqlserver: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    disks: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)
    backup_sets: list[Any] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)

    @property
    def windows(self) -> bool:
        return self.system == "windows"

    def engine_spec(self, product: str) -> dict[str, Any]:
        """What the engine of `product` (``oracle`` or ``sqlserver``) is made from; empty when there is none."""
        own = getattr(self, product)
        if not own:
            return {}
        tables, accounts = copy.deepcopy(self.tables), dict(self.accounts)
        return {"host": self.hostname, **copy.deepcopy(own), "tables": tables, "accounts": accounts}


@dataclass(frozen=True)
class Site:
    """The whole site: stations by name, inventory variables of all, faults that wait."""

    name: str
    stations: dict[str, Station]
    variables: dict[str, Any] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)

    def station(self, name: str) -> Station:
        if name not in self.stations:
            raise LabError(f"no station {name!r} on this site; there are {', '.join(sorted(self.stations))}")
        return self.stations[name]

    def only(self, names: list[str]) -> Site:
        """The site with these stations alone; all of them when no name is given."""
        chosen = {name: self.station(name) for name in names} or self.stations
        return replace(self, stations=chosen, faults=[fault for fault in self.faults if fault["station"] in chosen])

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def load(site: Path, scenarios: Iterable[Path] = ()) -> Site:
    """The site of a file (or of a name among those that come with the lab), scenarios applied in order."""
    whole = _yaml(find(site, "sites"))
    whole.setdefault("name", Path(site).stem)
    for scenario in scenarios:
        whole = applied(whole, _yaml(find(scenario, "scenarios")), str(scenario))
    return from_dict(whole)


def find(path: Path, folder: str) -> Path:
    """The file itself, or the one of that name that comes with the lab."""
    if Path(path).is_file():
        return Path(path)
    own = Path(str(resources.files("impax_lab") / folder / f"{Path(path).name.removesuffix('.yml')}.yml"))
    if own.is_file() and Path(path).parent == Path():
        return own
    there = ", ".join(sorted(file.stem for file in own.parent.glob("*.yml"))) or "none"
    raise LabError(f"there is no file {path}; the lab's own {folder}: {there}")


def applied(site: Mapping[str, Any], scenario: Mapping[str, Any], name: str) -> dict[str, Any]:
    """`site` with a scenario merged in. Raises LabError for a station that the site does not have."""
    _only(scenario, {"stations", "faults", "variables", "name"}, f"scenario {name}")
    result = copy.deepcopy(dict(site))
    for station, changes in (scenario.get("stations") or {}).items():
        if station not in result.get("stations", {}):
            raise LabError(f"scenario {name}: the site has no station {station!r}")
        result["stations"][station] = merged(result["stations"][station] or {}, changes or {})
    result["variables"] = merged(result.get("variables") or {}, scenario.get("variables") or {})
    result["faults"] = [*(result.get("faults") or []), *(scenario.get("faults") or [])]
    return result


def merged(base: Any, change: Any) -> Any:
    """Mappings merged key by key, names of tables and accounts without regard to case; anything else replaced."""
    if not isinstance(base, Mapping) or not isinstance(change, Mapping):
        return copy.deepcopy(change)
    result = dict(base)
    spelt = {str(key).lower(): key for key in base}
    for key, value in change.items():
        known = spelt.get(str(key).lower(), key)
        result[known] = merged(base[known], value) if known in base else copy.deepcopy(value)
    return result


def from_dict(whole: Mapping[str, Any]) -> Site:
    """A checked site. Raises LabError naming the station and the field that is wrong."""
    _only(whole, {item.name for item in fields(Site)}, "the site")
    stations = whole.get("stations")
    if not isinstance(stations, Mapping) or not stations:
        raise LabError("the site has no stations")
    made = {str(name): _station(str(name), spec) for name, spec in stations.items()}
    site = Site(
        str(whole.get("name", "site")), made, dict(whole.get("variables") or {}), list(whole.get("faults") or [])
    )
    for fault in site.faults:
        if not isinstance(fault, Mapping) or fault.get("station") not in made:
            raise LabError(f"fault {fault}: there is no such station")
    return site


def _station(name: str, spec: Any) -> Station:
    where = f"station {name}"
    if not name.replace("-", "").replace("_", "").isalnum():
        raise LabError(f"{where}: a station's name has letters, digits, - and _ only")
    if not isinstance(spec, Mapping):
        raise LabError(f"{where}: its description is no mapping")
    spec = {key: value for key, value in spec.items() if key != "name"}
    for name_of_set in spec.pop("tables_from", None) or []:
        whole = merged(_table_set(str(name_of_set), where), spec.get("tables") or {})
        spec["tables"] = {table: made for table, made in whole.items() if made is not None}
    _only(spec, {item.name for item in fields(Station)}, where)
    if spec.get("system") not in SYSTEMS:
        raise LabError(f"{where}: system is {spec.get('system')!r}, not {' or '.join(SYSTEMS)}")
    spec.setdefault("type", name)
    _check_kinds(spec, where)
    _check_tables(spec.get("tables") or {}, where)
    for account, state in (spec.get("accounts") or {}).items():
        if state not in ACCOUNT_STATES:
            raise LabError(f"{where}: account {account} is {state!r}, not {' or '.join(ACCOUNT_STATES)}")
    for path, free in (spec.get("disks") or {}).items():
        if not isinstance(free, (int, float)) or isinstance(free, bool) or free < 0:
            raise LabError(f"{where}: disk {path} has {free!r} MiB free; a number from 0 on is meant")
    station = Station(name=name, **spec)
    return station if station.hostname else Station(**{**asdict(station), "hostname": name})


def _check_kinds(spec: dict[str, Any], where: str) -> None:
    """Every field of the kind its default has; a missing or null one gets the default."""
    for item in fields(Station):
        if item.name in ("name",) or item.name not in spec:
            continue
        kind = {"str": str, "list[Any]": list}.get(str(item.type), dict)
        if spec[item.name] is None:
            del spec[item.name]
        elif kind is str and isinstance(spec[item.name], (str, int, float)):
            spec[item.name] = str(spec[item.name])
        elif not isinstance(spec[item.name], kind):
            raise LabError(f"{where}: {item.name} is {spec[item.name]!r}; a {kind.__name__} is meant")


def _table_set(name: str, where: str) -> dict[str, Any]:
    file = Path(str(resources.files("impax_lab") / "sites" / "tables" / f"{name}.yml"))
    if not file.is_file():
        known = ", ".join(sorted(other.stem for other in file.parent.glob("*.yml")))
        raise LabError(f"{where}: there are no tables {name!r}; known are {known}")
    return _yaml(file)


def _check_tables(tables: Mapping[str, Any], where: str) -> None:
    for name, table in tables.items():
        if not isinstance(table, Mapping):
            raise LabError(f"{where}: table {name} is no mapping")
        for count in ("rows", "null_user_id", "arrival_per_s"):
            value = table.get(count, 0)
            if not isinstance(value, (int, float)) or isinstance(value, bool) or value < 0:
                raise LabError(f"{where}: table {name}: {count} is {value!r}; a number from 0 on is meant")
        if table.get("null_user_id", 0) > table.get("rows", 0):
            raise LabError(f"{where}: table {name}: null_user_id is more than rows")


def _only(mapping: Any, known: set[str], where: str) -> None:
    if not isinstance(mapping, Mapping):
        raise LabError(f"{where}: a mapping is meant")
    unknown = sorted(str(key) for key in mapping if key not in known)
    if unknown:
        raise LabError(f"{where}: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")


def _yaml(path: Path) -> dict[str, Any]:
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueLoader)
    except yaml.YAMLError as error:
        raise LabError(f"{path}: {error}") from error
    if not isinstance(value, dict):
        raise LabError(f"{path}: a mapping is meant")
    return value


class _UniqueLoader(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error: two stations of one name are one too few."""


def _unique_mapping(loader: _UniqueLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in result:
            line = key_node.start_mark.line + 1
            raise LabError(f"{key_node.start_mark.name}: line {line}: {key!r} stands there twice")
        result[key] = loader.construct_object(value_node, deep=True)
    return result


_UniqueLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)
