"""Taxonomies as files: TOML and JSON of our own, and the YAML of SkyPortal's taxonomies."""

import json
import tomllib
from pathlib import Path
from typing import Any

from astra.labels.label import LabelError
from astra.labels.taxonomy import Taxonomy

MOST_BYTES = 4_000_000
FORMATS = (".toml", ".json", ".yaml", ".yml")
_DEEPEST = 30


def read_taxonomy(path: Path) -> Taxonomy:
    """Taxonomy from a file: ``.toml``, ``.json``, or SkyPortal's ``.yaml``.

    Raises
    ------
    LabelError
        The file cannot be read, or breaks a rule, which the message names with the class.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise LabelError(f"more than {MOST_BYTES:,} bytes")
        return parse_taxonomy(path.suffix, path.read_text(), path.stem)
    except (OSError, UnicodeDecodeError, LabelError) as error:
        raise LabelError(f"{path}: {error}") from error


def parse_taxonomy(suffix: str, text: str, name: str) -> Taxonomy:
    """Taxonomy from the text of a file, as `read_taxonomy` does; ``name`` where it has none.

    Raises
    ------
    LabelError
        The text is not of the kind that ``suffix`` says, is no taxonomy, or the suffix is unknown.
    """
    suffix = suffix.lower()
    try:
        if suffix == ".toml":
            return Taxonomy.from_dict(tomllib.loads(text))
        if suffix == ".json":
            return Taxonomy.from_dict(json.loads(text))
        if suffix in (".yaml", ".yml"):
            return from_skyportal(text, name)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise LabelError(f"not {suffix[1:].upper()}: {error}") from error
    raise LabelError(f"a taxonomy is a file {', '.join(FORMATS)}, not {suffix or 'without suffix'}")


def write_taxonomy(taxonomy: Taxonomy, path: Path) -> None:
    """Write a taxonomy as ``.toml`` or ``.json``, so that `read_taxonomy` gives the same back.

    Raises
    ------
    LabelError
        ``path`` ends otherwise.
    """
    if path.suffix.lower() not in (".toml", ".json"):
        raise LabelError(f"{path}: a taxonomy is written as .toml or .json")
    as_text = to_toml if path.suffix.lower() == ".toml" else to_json
    path.write_text(as_text(taxonomy))


def to_json(taxonomy: Taxonomy) -> str:
    """The taxonomy as JSON."""
    return json.dumps(taxonomy.to_dict(), indent=2, ensure_ascii=False) + "\n"


def to_toml(taxonomy: Taxonomy) -> str:
    """The taxonomy as TOML, one class a line."""
    content = taxonomy.to_dict()
    lines = [
        "  { " + ", ".join(f"{key} = {_toml(value)}" for key, value in entry.items()) + " },"
        for entry in content["classes"]
    ]
    return "\n".join([f"name = {_toml(content['name'])}", "classes = [", *lines, "]", ""])


def _toml(value: str | tuple[str, ...]) -> str:
    # The texts of JSON are texts of TOML too, but for one control character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def from_skyportal(text: str, name: str) -> Taxonomy:
    """Taxonomy from one file of SkyPortal's timedomain-taxonomy.

    A class has ``class``, ``other names``, ``comments``, ``tags`` and ``subclasses``; comments and
    tags become the guideline. A name that is taken already gets that of its parent before it.

    Raises
    ------
    LabelError
        PyYAML is not installed, the text is not YAML, or is not such a tree.
    """
    try:
        import yaml
    except ImportError as error:
        raise LabelError("YAML needs PyYAML: install the extra astra-observatory[app]") from error
    try:
        tree = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise LabelError(f"not YAML: {error}") from error
    trees = tree if isinstance(tree, list) else [tree]
    entries: list[dict[str, Any]] = []
    for one in trees:
        _collect(one, None, entries, 1)
    taken = {entry["name"] for entry in entries}
    for entry in entries:
        kept = (s for s in dict.fromkeys(entry.pop("other names")) if s not in taken)
        entry["synonyms"] = list(kept)
        taken.update(entry["synonyms"])
    return Taxonomy.from_dict({"name": name, "classes": entries})


def _collect(node: Any, parent: str | None, entries: list[dict[str, Any]], depth: int) -> None:
    if not isinstance(node, dict) or not isinstance(node.get("class"), str) or depth > _DEEPEST:
        where = f"below {parent!r}" if parent else "at the top"
        raise LabelError(f"{where}: expected a class with a name, at most {_DEEPEST} deep")
    name = node["class"].strip()
    if any(entry["name"] == name for entry in entries) and parent is not None:
        name = f"{parent} {name}"
    tags = ", ".join(str(tag) for tag in _list(node.get("tags")))
    said = [str(node.get("comments") or "").strip(), f"Tags: {tags}." if tags else ""]
    entry: dict[str, Any] = {"name": name, "guideline": "\n".join(filter(None, said))}
    entry["other names"] = [str(other) for other in _list(node.get("other names"))]
    if parent is not None:
        entry["parent"] = parent
    entries.append(entry)
    for child in _list(node.get("subclasses")):
        _collect(child, name, entries, depth + 1)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
