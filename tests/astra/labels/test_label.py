import pytest

from astra.labels.label import Label, LabelError


@pytest.mark.parametrize(
    "name",
    [
        "RRab",
        "DSCT|GDOR|SXPHE",
        "δ Scuti",
        "脉动变星",
        "<script>alert(1)</script>",
        "'; DROP TABLE event; --",
        "=HYPERLINK(1)",
        "x" * 64,
    ],
)
def test_printable_labels_are_accepted(name: str) -> None:
    assert Label("a:1", name, "ann").label == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "label is empty"),
        ("   ", "label is empty"),
        ("x" * 65, "65 characters"),
        ("two\nlines", "not printable"),
        ("nul\0", "not printable"),
        ("tab\t", "not printable"),
        ("\u202eright to left", "not printable"),
        ("half \ud800", "not printable"),
    ],
)
def test_other_labels_are_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(LabelError, match=reason):
        Label("a:1", name, "ann")


@pytest.mark.parametrize(
    "wrong",
    [
        {"object_id": ""},
        {"object_id": "x" * 65},
        {"annotator": "\n"},
        {"run": "a\0"},
        {"view": "v" * 65},
        {"prediction_shown": "a\nb"},
        {"origin": "guess"},
        {"confidence": 1.5},
        {"confidence": -0.1},
        {"confidence": float("nan")},
        {"comment": "c" * 2001},
        {"comment": "\ud800"},
    ],
)
def test_every_field_is_checked(wrong: dict) -> None:
    right = {"object_id": "a:1", "label": "RRab", "annotator": "ann"}
    with pytest.raises(LabelError):
        Label(**{**right, **wrong})


def test_none_clears_and_comments_may_have_lines() -> None:
    label = Label("a:1", None, "ann", comment="first\nsecond\0third")
    assert label.label is None
    assert label.comment == "first\nsecond\0third"
