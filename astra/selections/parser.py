"""Expressions, parsed and never evaluated: text in, tree out.

::

    either     = every {"or" every}
    every      = contrary {"and" contrary}
    contrary   = "not" contrary | relation
    relation   = sum ( {("=" | "!=" | "<" | "<=" | ">" | ">=") sum}
                     | ["not"] "in" "(" sum {"," sum} ")"
                     | ["not"] "between" sum "and" sum
                     | ["not"] "starts" ["with"] sum
                     | "is" ["not"] "null" )
    sum        = product {("+" | "-") product}
    product    = signed {("*" | "/") signed}
    signed     = "-" signed | primary
    primary    = number | text | name | "(" either ")" | function "(" sum ")"
               | "p" "(" class ")" | "cone" "(" ra "," dec "," radius ")"

``0.2 < period < 1`` means what it means on paper. ``& | !`` are and, or, not. Words are understood
in either case; a name with other characters than letters, digits and _ stands between backquotes.
"""

from collections.abc import Callable
from functools import lru_cache
from math import isfinite

from astra.selections.errors import ExpressionError
from astra.selections.syntax import (
    Among,
    Arithmetic,
    Comparison,
    Cone,
    Either,
    Every,
    Function,
    IsNull,
    Name,
    Node,
    Not,
    Number,
    Starts,
    Text,
    Value,
)
from astra.selections.tokens import Token, tokenize

DEEPEST = 30
LARGEST_INTEGER = 2**63
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_FUNCTIONS = ("abs", "log10", "sqrt")


@lru_cache(maxsize=64)
def parse(text: str) -> Node:
    """Tree of an expression; the last few are kept, as whoever checks a text asks it next.

    Raises
    ------
    ExpressionError
        It is not an expression; the error knows at which character.
    """
    return _Parser(text).whole()


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokenize(text)
        self._place = 0
        self._depth = 0

    def whole(self) -> Node:
        if self._next.kind == "end":
            raise self._wrong("an expression is empty: write one such as period < 1")
        tree = self._either()
        if self._next.kind != "end":
            raise self._wrong(f"'and' or 'or' is missing before {self._said(self._next)}")
        return tree

    # Tokens

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._next
        self._place += 1
        return token

    def _is(self, *values: str) -> bool:
        token = self._next
        return token.kind in ("word", "sign") and token.value.lower() in values

    def _skip(self, *values: str) -> bool:
        if self._is(*values):
            self._place += 1
            return True
        return False

    def _expect(self, value: str, after: str) -> None:
        if not self._skip(value):
            raise self._wrong(f"'{value}' is missing {after}")

    def _wrong(self, reason: str, at: int | None = None) -> ExpressionError:
        return ExpressionError(reason, self._text, self._next.at if at is None else at)

    def _said(self, token: Token) -> str:
        return "the end" if token.kind == "end" else repr(self._text[token.at : token.end])

    def _deeper(self, parse: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong(f"nested more than {DEEPEST} deep")
        tree = parse()
        self._depth -= 1
        return tree

    # Conditions

    def _either(self) -> Node:
        parts = [self._every()]
        while self._skip("or"):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else Either(parts[0].at, tuple(map(self._true, parts)))

    def _every(self) -> Node:
        parts = [self._contrary()]
        while self._skip("and"):
            parts.append(self._contrary())
        return parts[0] if len(parts) == 1 else Every(parts[0].at, tuple(map(self._true, parts)))

    def _contrary(self) -> Node:
        at = self._next.at
        if self._skip("not"):
            return Not(at, self._true(self._deeper(self._contrary)))
        return self._relation()

    def _true(self, node: Node) -> Node:
        """Refuse what can be neither true nor false; a name may be a column of flags."""
        if isinstance(node, Value) and not isinstance(node, Name):
            raise self._wrong("this is a value: compare it, as in period < 1", node.at)
        return node

    def _relation(self) -> Node:
        left = self._sum()
        if self._is(*_COMPARISONS):
            return self._comparisons(left)
        at = self._next.at
        if self._skip("is"):
            contrary = self._skip("not")
            self._expect("null", "after 'is'")
            return self._perhaps(contrary, IsNull(at, self._value(left)))
        contrary = self._skip("not")
        if self._skip("in"):
            return self._perhaps(contrary, Among(at, self._value(left), self._options()))
        if self._skip("between"):
            return self._perhaps(contrary, self._between(at, self._value(left)))
        if self._skip("starts"):
            self._skip("with")
            return self._perhaps(contrary, Starts(at, self._value(left), self._operand()))
        if contrary:
            raise self._wrong("'in', 'between' or 'starts with' is missing after 'not'")
        return left

    def _perhaps(self, contrary: bool, node: Node) -> Node:
        return Not(node.at, node) if contrary else node

    def _comparisons(self, left: Node) -> Node:
        parts: list[Node] = []
        left = self._value(left)
        while self._is(*_COMPARISONS):
            sign = self._take()
            right = self._operand()
            parts.append(Comparison(sign.at, sign.value, left, right))
            left = right
        return parts[0] if len(parts) == 1 else Every(parts[0].at, tuple(parts))

    def _between(self, at: int, value: Node) -> Node:
        low = self._operand()
        self._expect("and", "between the ends of 'between'")
        high = self._operand()
        return Every(at, (Comparison(at, ">=", value, low), Comparison(at, "<=", value, high)))

    def _options(self) -> tuple[Node, ...]:
        self._expect("(", "after 'in'")
        options = [self._operand()]
        while self._skip(","):
            options.append(self._operand())
        self._expect(")", "after the list")
        return tuple(options)

    # Values

    def _operand(self) -> Node:
        return self._value(self._sum())

    def _value(self, node: Node) -> Node:
        if not isinstance(node, Value):
            raise self._wrong("a value is needed here, not a condition", node.at)
        return node

    def _sum(self) -> Node:
        return self._chain(self._product, "+", "-")

    def _product(self) -> Node:
        return self._chain(self._signed, "*", "/")

    def _chain(self, part: Callable[[], Node], *signs: str) -> Node:
        left = part()
        while self._is(*signs):
            sign = self._take()
            left = Arithmetic(sign.at, sign.value, self._value(left), self._value(part()))
        return left

    def _signed(self) -> Node:
        at = self._next.at
        if not self._skip("-"):
            return self._primary()
        operand = self._value(self._deeper(self._signed))
        if isinstance(operand, Number):
            return Number(at, -operand.value)
        return Function(at, "-", operand)

    def _primary(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return Number(token.at, self._number(token))
        if token.kind == "text":
            return Text(token.at, token.value)
        if token.kind == "name":
            return Name(token.at, token.value)
        if token.value == "(":
            inner = self._deeper(self._either)
            self._expect(")", "to close the parenthesis")
            return inner
        return self._word(token)

    def _word(self, token: Token) -> Node:
        word = token.value.lower()
        if token.kind == "word" and word in ("true", "false"):
            return Number(token.at, int(word == "true"))
        if token.kind == "word" and self._is("("):
            if word in _FUNCTIONS:
                return Function(token.at, word, self._within(self._operand))
            if word == "p":
                return self._within(lambda: self._probability(token.at))
            if word == "cone":
                return self._within(lambda: self._cone(token.at))
        if word == "p" or word in _FUNCTIONS:
            return Name(token.at, token.value)
        raise self._wrong(f"a column or a number is missing before {self._said(token)}", token.at)

    def _within(self, parse: Callable[[], Node]) -> Node:
        self._expect("(", "")
        inner = self._deeper(parse)
        self._expect(")", "to close the parenthesis")
        return inner

    def _probability(self, at: int) -> Node:
        token = self._take()
        if token.kind not in ("name", "text"):
            raise self._wrong("p(...) takes the name of a class", token.at)
        return Name(at, f"p_{token.value}")

    def _cone(self, at: int) -> Node:
        numbers: list[float] = []
        for what in ("right ascension", "declination", "radius"):
            if numbers:
                self._expect(",", f"before the {what}")
            value = self._signed()
            if not isinstance(value, Number):
                raise self._wrong(f"the {what} of a cone is a number, in degrees", value.at)
            numbers.append(float(value.value))
        ra, dec, radius = numbers
        if not (-90 <= dec <= 90 and 0 < radius <= 180):
            raise self._wrong("cone(ra, dec, radius): dec -90 to 90, radius 0 to 180 degrees", at)
        return Cone(at, ra, dec, radius)

    def _number(self, token: Token) -> int | float:
        value = float(token.value)
        if not isfinite(value):
            raise self._wrong(f"{token.value} is too large a number", token.at)
        if token.value.isdigit() and value < LARGEST_INTEGER:
            return int(token.value)
        return value
