"""What an expression is made of; every node knows the character where it stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""

    at: int


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A text between quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A column; on the right of a comparison with text, where there is no such column, a text."""

    name: str


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Two numbers joined by ``+ - * /``."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Function(Node):
    """``-x``, ``abs(x)``, ``log10(x)`` or ``sqrt(x)``."""

    name: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """Two values joined by ``= != < <= > >=``."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Among(Node):
    """``value in (one, other)``."""

    value: Node
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Starts(Node):
    """``value starts with prefix``."""

    value: Node
    prefix: Node


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    """``value is null``."""

    value: Node


@dataclass(frozen=True, slots=True)
class Cone(Node):
    """``cone(ra, dec, radius)``, all in degrees."""

    ra: float
    dec: float
    radius: float


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The contrary of a condition; what is unknown stays unknown."""

    part: Node


@dataclass(frozen=True, slots=True)
class Every(Node):
    """Conditions joined by ``and``."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either(Node):
    """Conditions joined by ``or``."""

    parts: tuple[Node, ...]


Value = Number | Text | Name | Arithmetic | Function
