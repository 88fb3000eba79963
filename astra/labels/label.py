"""A label: what one annotator called one object, and in which circumstances."""

from dataclasses import dataclass
from typing import Literal, get_args

from astra.data.errors import AstraError

Origin = Literal["single", "lasso", "sheet", "import", "adjudication", "repeat", "comment"]
ORIGINS: tuple[str, ...] = get_args(Origin)
_LONGEST_NAME = 64
_LONGEST_COMMENT = 2_000
_LONGEST_LOOK = 86_400


class LabelError(AstraError):
    """A label, comment or selection that cannot be accepted."""


@dataclass(frozen=True, slots=True)
class Label:
    """One annotator's opinion of one object.

    Attributes
    ----------
    object_id : str
    label : str or None
        Name of the class; None clears what was said before, and with confidence 0 says that
        the annotator looked and cannot tell.
    annotator : str
    run, view : str
        Run that was open and view in which the label was given.
    origin : str
        ``single`` (one object), ``lasso`` (a selection), ``sheet`` (some of a contact sheet) or
        ``import`` (a file). An ``adjudication`` decides between annotators and stands until the
        next; a ``repeat`` asks an annotator again, unawares, and a ``comment`` only remarks:
        neither changes what the object is called.
    comment : str
    confidence : float or None
        From 0 to 1.
    prediction_shown : str or None
        Prediction that the annotator saw while labelling.
    blind : bool
        Predictions and the labels of others were hidden.
    taxonomy : str or None
        Version (hash) of the taxonomy that was in force.
    seconds : float or None
        How long the object was on screen before.

    Raises
    ------
    LabelError
        A text is empty, too long or not printable, or the confidence is out of range.
    """

    object_id: str
    label: str | None
    annotator: str
    run: str = ""
    view: str = ""
    origin: Origin = "single"
    comment: str = ""
    confidence: float | None = None
    prediction_shown: str | None = None
    blind: bool = False
    taxonomy: str | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_name("object_id", self.object_id)
        if self.label is not None:
            check_name("label", self.label)
        check_name("annotator", self.annotator)
        for name in ("run", "view", "prediction_shown", "taxonomy"):
            if getattr(self, name):
                check_name(name, getattr(self, name))
        if self.origin not in ORIGINS:
            raise LabelError(f"origin {self.origin!r}: use {', '.join(ORIGINS)}")
        if self.comment:
            check_comment(self.comment)
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise LabelError(f"confidence {self.confidence}: use a number from 0 to 1")
        if self.seconds is not None and not 0 <= self.seconds < _LONGEST_LOOK:
            raise LabelError(f"seconds {self.seconds}: use a number from 0 to {_LONGEST_LOOK}")


def check_name(what: str, text: str) -> str:
    """Give a text back if it can name something: 1 to 64 printable characters, not only spaces.

    Raises
    ------
    LabelError
        It cannot.
    """
    if 0 < len(text) <= _LONGEST_NAME and text.isprintable() and not text.isspace():
        return text
    if not text.strip():
        raise LabelError(f"{what} is empty; use 1 to {_LONGEST_NAME} printable characters")
    wrong = f"{len(text)} characters" if text.isprintable() else "a character not printable"
    raise LabelError(
        f"{what} {text[:_LONGEST_NAME]!r} has {wrong}; "
        f"use 1 to {_LONGEST_NAME} printable characters"
    )


def check_comment(text: str) -> str:
    """Give a comment back if it can be stored: at most 2,000 characters, encodable.

    Raises
    ------
    LabelError
        It cannot.
    """
    if len(text) > _LONGEST_COMMENT:
        raise LabelError(f"the comment has {len(text)} characters; {_LONGEST_COMMENT} fit")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise LabelError(f"the comment is not Unicode text ({error.reason})") from error
    return text
