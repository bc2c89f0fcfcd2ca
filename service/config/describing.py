"""Descriptions of settings: the text below each in its model, read from there when somebody asks for it.

pydantic reads them while the models are made, which is a twentieth of the start of every command.
"""

from __future__ import annotations

import ast
import inspect
from functools import cache
from typing import TYPE_CHECKING

from service.config.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


@cache
def describe() -> None:
    """Give every field of every table its description, for JSON Schema too."""
    for model in _below(Table):
        for name, field in model.model_fields.items():
            field.description = next(filter(None, (_said(it, name) for it in model.__mro__)), None)
    for model in _below(Table):  # those within others come before them
        model.model_rebuild(force=True)


def _below(model: type[Table]) -> Iterator[type[Table]]:
    for below in model.__subclasses__():
        yield below
        yield from _below(below)


def _said(model: type, name: str) -> str | None:
    module = inspect.getmodule(model)
    return _texts(module).get((model.__name__, name)) if module and model is not object else None


@cache
def _texts(module: ModuleType) -> dict[tuple[str, str], str]:
    """The text that stands below each field, by the names of model and field."""
    found = {}
    for model in ast.parse(inspect.getsource(module)).body:
        if isinstance(model, ast.ClassDef):
            for field, text in zip(model.body, model.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and (told := _text(text)):
                    found[model.name, ast.unparse(field.target)] = inspect.cleandoc(told)
    return found


def _text(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return text
    return None
