"""Taxonomy: the classes that a label may name, as a tree, each version known by its hash."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from astra.labels.label import LabelError, check_comment, check_name

DEFAULT = Path(__file__).with_name("taxonomy.toml")
MOST_CLASSES = 5_000
HOTKEYS = "123456789"
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_NOT_HEARD = re.compile(r"[\s_.-]+")
_FIELDS = {"name", "parent", "synonyms", "colour", "hotkey", "guideline"}


def is_colour(text: str) -> bool:
    """Whether a text is a colour, ``#rrggbb``."""
    return _COLOUR.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class TaxonomyClass:
    """One class.

    Attributes
    ----------
    name : str
    parent : str or None
        The class of which it is a kind.
    synonyms : tuple of str
        Other names of the same.
    colour : str or None
        ``#rrggbb``; None lets the page choose.
    hotkey : str or None
        ``1`` to ``9``.
    guideline : str
        How to recognise it, for annotators.

    Raises
    ------
    LabelError
        A field breaks its rule; the message names the class and the field.
    """

    name: str
    parent: str | None = None
    synonyms: tuple[str, ...] = ()
    colour: str | None = None
    hotkey: str | None = None
    guideline: str = ""

    def __post_init__(self) -> None:
        check_name("class", self.name)
        if self.parent is not None:
            check_name(f"parent of class {self.name!r}", self.parent)
        for synonym in self.synonyms:
            check_name(f"synonym of class {self.name!r}", synonym)
        if self.colour is not None and not is_colour(self.colour):
            raise LabelError(f"colour of class {self.name!r} is {self.colour!r}: use #rrggbb")
        if self.hotkey is not None and (len(self.hotkey) != 1 or self.hotkey not in HOTKEYS):
            raise LabelError(f"hotkey of class {self.name!r} is {self.hotkey!r}: use 1 to 9")
        check_comment(self.guideline)


@dataclass(frozen=True)
class Taxonomy:
    """Classes in the order in which people read them; edits give a new taxonomy.

    Attributes
    ----------
    name : str
    classes : tuple of TaxonomyClass

    Raises
    ------
    LabelError
        Two classes share a name, synonym or hotkey, a parent is missing, or a class is below
        itself.
    """

    name: str
    classes: tuple[TaxonomyClass, ...]

    def __post_init__(self) -> None:
        check_name("taxonomy", self.name)
        if len(self.classes) > MOST_CLASSES:
            raise LabelError(f"{len(self.classes)} classes; a taxonomy has at most {MOST_CLASSES}")
        self._refuse_doubles()
        for entry in self.classes:
            self._refuse_loops(entry)

    @classmethod
    def default(cls) -> Self:
        """The taxonomy that an observatory begins with."""
        return cls.from_dict(tomllib.loads(DEFAULT.read_text()))

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Taxonomy from what TOML or JSON holds: ``name``, and ``classes`` with their fields.

        Raises
        ------
        LabelError
            There is no list of classes, or one of them is not a class.
        """
        if not isinstance(data, dict) or not isinstance(data.get("classes"), list):
            raise LabelError("a taxonomy has a name and a list of classes")
        entries = [_class_from(i, entry) for i, entry in enumerate(data["classes"], 1)]
        return cls(str(data.get("name", "")), tuple(entries))

    def to_dict(self) -> dict[str, Any]:
        """What `from_dict` takes; fields that say nothing are left out."""
        classes = [{k: v for k, v in asdict(entry).items() if v} for entry in self.classes]
        return {"name": self.name, "classes": classes}

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the content, hexadecimal: the version that labels keep."""
        text = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    # What it says

    def __len__(self) -> int:
        return len(self.classes)

    def find(self, name: str) -> TaxonomyClass | None:
        """Class of that name or synonym; case, spaces, ``- _ .`` do not matter where none is so."""
        return self._by_name.get(name) or self._by_sound.get(_sound(name))

    def canonical(self, name: str) -> str:
        """Name of the class that a name stands for; the name itself where there is none."""
        found = self.find(name)
        return name if found is None else found.name

    def colour_of(self, name: str) -> str | None:
        """Colour that was given to the class that a name stands for, ``#rrggbb``, or None."""
        found = self.find(name)
        return None if found is None else found.colour

    def children(self, name: str | None) -> list[TaxonomyClass]:
        """Classes right below one, or the topmost for None."""
        return [entry for entry in self.classes if entry.parent == name]

    def lineage(self, name: str) -> list[str]:
        """The class and all above it, from the top."""
        names: list[str] = []
        entry = self._by_name.get(name)
        while entry is not None:
            names.insert(0, entry.name)
            entry = self._by_name.get(entry.parent) if entry.parent else None
        return names

    def walk(self, below: str | None = None, depth: int = 0) -> Iterator[tuple[int, TaxonomyClass]]:
        """Every class with its depth, each before what is below it."""
        for entry in self._children.get(below, ()):
            yield depth, entry
            yield from self.walk(entry.name, depth + 1)

    @property
    def hotkeys(self) -> dict[str, str]:
        """Key -> name of its class."""
        return {entry.hotkey: entry.name for entry in self.classes if entry.hotkey}

    # What may be changed

    def put(self, entry: TaxonomyClass, instead_of: str | None = None) -> "Taxonomy":
        """Add a class, or put it in the place of another, whose children follow it.

        Raises
        ------
        LabelError
            There is no class ``instead_of``, or what comes of it is no tree of different names.
        """
        if instead_of is None:
            return replace(self, classes=(*self.classes, entry))
        if instead_of not in self._by_name:
            raise LabelError(f"no class {instead_of!r} in the taxonomy; it was renamed or removed")
        changed = (
            entry
            if old.name == instead_of
            else replace(old, parent=entry.name)
            if old.parent == instead_of
            else old
            for old in self.classes
        )
        return replace(self, classes=tuple(changed))

    def without(self, name: str) -> "Taxonomy":
        """Remove a class; what was below it comes to its parent.

        Raises
        ------
        LabelError
            There is no such class.
        """
        gone = self._by_name.get(name)
        if gone is None:
            raise LabelError(f"no class {name!r} in the taxonomy; it was renamed or removed")
        kept = (
            replace(entry, parent=gone.parent) if entry.parent == name else entry
            for entry in self.classes
            if entry is not gone
        )
        return replace(self, classes=tuple(kept))

    # How it is checked

    @cached_property
    def _by_name(self) -> dict[str, TaxonomyClass]:
        named = {synonym: entry for entry in self.classes for synonym in entry.synonyms}
        return {**named, **{entry.name: entry for entry in self.classes}}

    @cached_property
    def _by_sound(self) -> dict[str, TaxonomyClass]:
        return {_sound(name): entry for name, entry in self._by_name.items()}

    @cached_property
    def _children(self) -> dict[str | None, list[TaxonomyClass]]:
        below: dict[str | None, list[TaxonomyClass]] = {}
        for entry in self.classes:
            below.setdefault(entry.parent, []).append(entry)
        return below

    def _refuse_doubles(self) -> None:
        names: dict[str, str] = {}
        keys: dict[str, str] = {}
        for entry in self.classes:
            for name in (entry.name, *entry.synonyms):
                other = names.setdefault(name, entry.name)
                if other != entry.name or (name == entry.name and name in entry.synonyms):
                    raise LabelError(f"{name!r} names both {other!r} and {entry.name!r}")
            if entry.hotkey and keys.setdefault(entry.hotkey, entry.name) != entry.name:
                raise LabelError(
                    f"hotkey {entry.hotkey} of {entry.name!r} is that of {keys[entry.hotkey]!r}"
                )
        if len({entry.name for entry in self.classes}) < len(self.classes):
            counts = [entry.name for entry in self.classes]
            raise LabelError(f"class {max(counts, key=counts.count)!r} is there twice")

    def _refuse_loops(self, entry: TaxonomyClass) -> None:
        known = {other.name: other.parent for other in self.classes}
        above, seen = entry.parent, {entry.name}
        while above is not None:
            if above not in known:
                raise LabelError(f"parent {above!r} of class {entry.name!r} is not in the taxonomy")
            if above in seen:
                raise LabelError(f"class {entry.name!r} is below itself")
            seen.add(above)
            above = known[above]


def _class_from(place: int, entry: Any) -> TaxonomyClass:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise LabelError(f"class {place}: a class is a table with a name")
    if unknown := sorted(set(entry) - _FIELDS):
        raise LabelError(
            f"class {place} ({entry['name']!r}): unknown field {unknown[0]!r}; "
            f"use {', '.join(sorted(_FIELDS))}"
        )
    synonyms = entry.get("synonyms", ())
    if not isinstance(synonyms, Sequence) or not all(isinstance(s, str) for s in synonyms):
        raise LabelError(f"class {place} ({entry['name']!r}): synonyms are a list of texts")
    texts = {k: v for k, v in entry.items() if k not in ("synonyms",)}
    if wrong := [name for name, value in texts.items() if not isinstance(value, str)]:
        raise LabelError(f"class {place} ({entry['name']!r}): {wrong[0]} is not text")
    return TaxonomyClass(**texts, synonyms=tuple(synonyms))


def _sound(name: str) -> str:
    return _NOT_HEARD.sub("", name).casefold()
