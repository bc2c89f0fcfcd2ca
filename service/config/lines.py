"""The line on which each key of a TOML document stands (only user of tree-sitter)."""

from __future__ import annotations

import tomllib
from collections import Counter
from typing import TYPE_CHECKING

import tree_sitter_toml
from tree_sitter import Language, Parser

if TYPE_CHECKING:
    from tree_sitter import Node

Key = tuple[str | int, ...]

_TABLE = "table"
_ARRAY_TABLE = "table_array_element"


def key_lines(text: str) -> dict[Key, int]:
    """Line of every table, key and list element of a valid document, the first line being 1."""
    lines: dict[Key, int] = {}
    sizes: Counter[Key] = Counter()
    parser = Parser(Language(tree_sitter_toml.language()))
    todo: list[tuple[Node, Key]] = [(parser.parse(text.encode()).root_node, ())]
    while todo:
        node, path = todo.pop()
        for child in node.named_children:
            inner, value = path, child
            if child.type in (_TABLE, _ARRAY_TABLE):
                inner = _opened(child, sizes)
                lines[inner] = _line(child)  # rather than where a subtable named it first
            elif child.type == "pair":
                inner = path + _names(child.named_children[0])
                value = child.named_children[1]  # behind which a comment may stand
            elif node.type == "array" and child.type != "comment":
                inner = (*path, sizes[path])
                sizes[path] += 1
            else:
                continue
            _note(inner, child, lines)
            todo.append((value, inner))
    return lines


def line_of(key: Key, lines: dict[Key, int]) -> int:
    """The line of the key, or of the nearest table around it that stands in the file."""
    while key and key not in lines:
        key = key[:-1]
    return lines.get(key, 1)


def _opened(header: Node, sizes: Counter[Key]) -> Key:
    """The path that a table header opens, with the numbers of the array elements it lies in."""
    names = _names(header.named_children[0])
    path: Key = ()
    for position, name in enumerate(names, start=1):
        path = (*path, name)
        if header.type == _ARRAY_TABLE and position == len(names):
            sizes[path] += 1
        if sizes[path]:
            path = (*path, sizes[path] - 1)
    return path


def _note(path: Key, node: Node, lines: dict[Key, int]) -> None:
    """Write down the line of a key, and of the tables around it that have no line of their own."""
    for length in range(len(path), 0, -1):
        lines.setdefault(path[:length], _line(node))


def _names(key: Node) -> tuple[str, ...]:
    names: list[str] = []
    todo = [key]
    while todo:
        node = todo.pop()
        if node.type == "dotted_key":
            todo.extend(reversed(node.named_children))
        else:
            names.append(_name(node))
    return tuple(names)


def _name(key: Node) -> str:
    text = (key.text or b"").decode()
    return text if key.type == "bare_key" else next(iter(tomllib.loads(f"{text} = 0")))


def _line(node: Node) -> int:
    return node.start_point.row + 1
