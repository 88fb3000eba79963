"""An expression cut into numbers, texts, names and signs."""

import re
from typing import Literal, NamedTuple

from astra.selections.errors import ExpressionError

LONGEST = 1000
MOST_TOKENS = 300
Kind = Literal["number", "text", "name", "word", "sign", "end"]
WORDS = frozenset(
    {"and", "or", "not", "in", "is", "null", "between", "starts", "with"}
    | {"cone", "true", "false", "abs", "log10", "sqrt", "p"}
)
_PATTERN = re.compile(
    r"""(?P<space>\s+)
    | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<name>[^\W\d]\w*(?:\.\w+)*)
    | `(?P<quoted>[^`]+)`
    | "(?P<double>[^"]*)"
    | '(?P<single>[^']*)'
    | (?P<sign><=|>=|!=|<>|==|&&|\|\||[-<>=()+*/,&|!~≤≥≠−×])
    """,
    re.VERBOSE,
)
_HALF = re.compile("[\ud800-\udfff]")
_SAME = {
    "==": "=", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "−": "-", "×": "*",
    "&": "and", "&&": "and", "|": "or", "||": "or", "!": "not", "~": "not",
}  # fmt: skip


class Token(NamedTuple):
    """One piece of an expression: its kind, what it says, and where it stands."""

    kind: Kind
    value: str
    at: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Cut an expression into tokens; the last one is the end.

    Raises
    ------
    ExpressionError
        It is too long, or a character belongs to no token.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"{len(text)} characters: at most {LONGEST}", text, LONGEST)
    broken = _HALF.search(text)
    if broken is not None:
        raise ExpressionError("half of a character has no meaning here", text, broken.start())
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        found = _PATTERN.match(text, at)
        if found is None:
            raise ExpressionError(_strange(text[at]), text, at)
        if found.lastgroup != "space":
            tokens.append(_token(found))
        at = found.end()
    if len(tokens) > MOST_TOKENS:
        raise ExpressionError(
            f"{len(tokens)} words and signs: at most {MOST_TOKENS}", text, tokens[MOST_TOKENS].at
        )
    return [*tokens, Token("end", "", len(text), len(text))]


def _token(found: re.Match[str]) -> Token:
    group, value = str(found.lastgroup), str(found[str(found.lastgroup)])
    at, end = found.span()
    if group in ("double", "single"):
        return Token("text", value, at, end)
    if group == "quoted":
        return Token("name", value, at, end)
    if group == "name":
        return Token("word" if value.lower() in WORDS else "name", value, at, end)
    value = _SAME.get(value, value)
    if value in WORDS:
        return Token("word", value, at, end)
    return Token("number" if group == "number" else "sign", value, at, end)


def _strange(character: str) -> str:
    if character in "\"'`":
        return f"the {character} is not closed"
    if character in "“”‘’„":
        return f"a text is quoted by \" or ', not by {character}"
    if character in "[]{}":
        return f"{character} has no meaning here: use parentheses"
    return f"{character!r} has no meaning here"
