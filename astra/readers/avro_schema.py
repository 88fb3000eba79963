"""Avro schemas by which a few bytes could become endless: recursion, and values of no bytes."""

from pathlib import Path
from typing import Any

from astra.data.errors import RejectedFileError

_RECORDS = ("record", "error")


def idle_values(path: Path, schema: Any) -> int:
    """How many values that take no bytes come with one value of a schema, at the most.

    Raises
    ------
    RejectedFileError
        The schema contains itself, or has lists of what takes no bytes.
    """
    return _Walk(path).idle(schema, ())


class _Walk:
    """Goes through a schema once; what was found of a named type is kept for where it recurs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: dict[str, int] = {"null": 1}
        self._empty: dict[str, bool] = {"null": True}

    def idle(self, schema: Any, inside: tuple[str, ...]) -> int:
        if isinstance(schema, list):  # a union, which takes a byte of its own
            return max((self.idle(branch, inside) for branch in schema), default=0)
        if isinstance(schema, str):
            name = _last(schema)
            if name in inside:
                raise self._refused(f"contains itself ({schema})")
            return self._idle.get(name, 0)
        return self._of_dict(schema, inside) if isinstance(schema, dict) else 0

    def _of_dict(self, schema: dict[str, Any], inside: tuple[str, ...]) -> int:
        kind, name = schema.get("type"), _last(schema.get("name", ""))
        if kind in _RECORDS:
            found = sum(self.idle(inner, (*inside, name)) for inner in _fields(schema))
            found = max(found, int(self.is_empty(schema)))
        elif kind == "fixed":
            found = int(self.is_empty(schema))
        elif kind in ("array", "map"):
            inner = schema.get("items" if kind == "array" else "values")
            found = self.idle(inner, inside)
            if kind == "array" and self.is_empty(inner):
                raise self._refused("has lists of nothing")
            return found
        else:
            return self.idle(kind, inside)
        self._idle[name], self._empty[name] = found, self.is_empty(schema)
        return found

    def is_empty(self, schema: Any) -> bool:
        """Whether a value takes no bytes; named types in it are known by now."""
        if isinstance(schema, str):
            return self._empty.get(_last(schema), False)
        if not isinstance(schema, dict):
            return False
        if schema.get("type") in _RECORDS:
            return all(map(self.is_empty, _fields(schema)))
        if schema.get("type") == "fixed":
            return not schema.get("size")
        return self.is_empty(schema.get("type"))

    def _refused(self, why: str) -> RejectedFileError:
        return RejectedFileError(f"{self._path}: the Avro schema {why}")


def _fields(schema: dict[str, Any]) -> list[Any]:
    fields = schema.get("fields")
    listed = fields if isinstance(fields, list) else []
    return [field.get("type") for field in listed if isinstance(field, dict)]


def _last(name: object) -> str:
    """Name of a type without its namespace."""
    return str(name).rpartition(".")[2]
