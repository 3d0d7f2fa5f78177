# SPDX-License-Identifier: GPL-3.0-or-later
"""The published JSON Schemas, with their references between files resolved."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from .repo import ROOT

SCHEMAS = ROOT / "docs" / "schemas"


@cache
def _registry() -> Registry[Any]:
    schemas = [json.loads(file.read_text(encoding="utf-8")) for file in SCHEMAS.glob("*.json")]
    for schema in schemas:
        Draft202012Validator.check_schema(schema)
    return Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas)


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, registry=_registry())


def validate(name: str, value: Any) -> None:
    """Raises jsonschema.ValidationError when `value` is not what the schema `name` says."""
    _validator(name).validate(value)
