"""The tables of settings in configuration.md, made from single_net/config.py: types, limits, defaults, comments."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sphinx.application import Sphinx

from single_net.config import RunConfig

PLACE = "{{ all settings }}"
KINDS = {"str": "text", "bool": "true or false", "int": "integer", "float": "number"}
SIGNS = {Ge: ("≥", "ge"), Gt: (">", "gt"), Le: ("≤", "le"), Lt: ("<", "lt")}


def table(section: type[BaseModel]) -> str:
    comments = dict(re.findall(r"^    (\w+): .*?  # (.+)$", inspect.getsource(section), re.MULTILINE))
    lines = ["| Setting | Default | Values | Meaning |", "| --- | --- | --- | --- |"]
    for name, field in section.model_fields.items():
        # A setting without a comment on its own line stops here.
        lines.append(f"| `{name}` | `{toml(field.default)}` | {values(field)} | {comments[name]} |")
    return "\n".join(lines)


def values(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{toml(value)}`" for value in get_args(field.annotation))
    generic = get_origin(field.annotation)
    kind = {None: getattr(field.annotation, "__name__", ""), dict: "table"}.get(generic, "list")
    limits = [f"{SIGNS[type(m)][0]} {getattr(m, SIGNS[type(m)][1])}" for m in field.metadata if type(m) in SIGNS]
    return ", ".join([KINDS.get(kind, kind), *limits])


def toml(value: Any) -> str:
    return json.dumps(value)  # the same for strings, numbers, booleans and lists


def all_settings() -> str:
    parts = []
    for name, field in RunConfig.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            parts.append(f"### {name}\n\n{inspect.getdoc(section)}\n\n{table(section)}")
    return "\n\n".join(parts)


def setup(app: Sphinx) -> dict[str, bool]:
    def insert(app: Sphinx, page: str, source: list[str]) -> None:
        if PLACE in source[0]:
            source[0] = source[0].replace(PLACE, all_settings())

    app.connect("source-read", insert)
    return {"parallel_read_safe": True}
