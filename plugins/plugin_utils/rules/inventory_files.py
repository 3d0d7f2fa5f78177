# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible does not see any more once it has read an inventory: a name that stands there twice. Pure.

In YAML the last of two equal keys wins and the first one's stations are gone; in both forms a host that is named twice
is one host, with the variables of the last place.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator

import yaml

ADDRESS = ("ansible_host", "ansible_port")
Place = tuple[str, int, str]  # host, line, address as written beside it


def problems(name: str, text: str) -> list[str]:
    """Sentences about the file `name`; none when each station stands there once, or always with the same address.

    A file that is neither YAML nor INI (an inventory plugin's, a script) says nothing here.
    """
    try:
        root = yaml.compose(text)
    except yaml.YAMLError:
        root = None
    if isinstance(root, yaml.MappingNode):
        return [f"{name}, {problem}" for problem in (*_twice(root), *_two_addresses(list(_yaml_hosts(root))))]
    return [f"{name}, {problem}" for problem in _two_addresses(list(_ini_hosts(text)))]


def _twice(node: yaml.Node) -> Iterator[str]:
    """Equal keys in one mapping."""
    if not isinstance(node, yaml.MappingNode):
        return
    lines: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.value in lines:
            yield f"line {line}: {key.value} stands in line {lines[key.value]} already; only the last one would count."
        lines[key.value] = line
        yield from _twice(value)


def _yaml_hosts(node: yaml.Node) -> Iterator[Place]:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        if key.value == "hosts" and isinstance(value, yaml.MappingNode):
            for host, variables in value.value:
                yield host.value, host.start_mark.line + 1, _address(variables)
        elif key.value != "vars":
            yield from _yaml_hosts(value)


def _address(variables: yaml.Node) -> str:
    if not isinstance(variables, yaml.MappingNode):
        return ""
    return " ".join(f"{key.value}={value.value}" for key, value in variables.value if key.value in ADDRESS)


def _ini_hosts(text: str) -> Iterator[Place]:
    section = "ungrouped"
    for number, line in enumerate(text.splitlines(), 1):
        words = _words(line)
        if words and words[0].startswith("["):
            section = words[0].strip("[]")
        elif words and ":" not in section:
            yield words[0], number, " ".join(word for word in words[1:] if word.split("=")[0] in ADDRESS)


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return []


def _two_addresses(places: list[Place]) -> Iterator[str]:
    known: dict[str, Place] = {}
    where = defaultdict(set)
    for host, line, address in places:
        if address:
            where[host].add(address)
            if len(where[host]) > 1:
                other = known[host]
                yield f"line {line}: the station {host} has another address in line {other[1]} ({other[2]}, {address})."
            known[host] = (host, line, address)
