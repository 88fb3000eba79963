import pytest

from app.drawing.marks import mark
from app.drawing.palette import KNOWN
from app.markup.pressable import Pressable


def test_messages_of_the_browser_reach_whoever_listens():
    heard = []
    part = Pressable(heard.append, lambda name, text: heard.append((name, text)))
    part._handle_msg({"press": "label:EA"})
    part._handle_msg({"change": "period", "value": "0.6"})
    assert heard == ["label:EA", ("period", "0.6")]


@pytest.mark.parametrize(
    "message", [None, "press", 3, [], {}, {"press": 3}, {"press": None}, {"change": 5}]
)
def test_any_other_message_is_ignored(message):
    heard = []
    Pressable(heard.append, lambda *both: heard.append(both))._handle_msg(message)
    assert heard == []


def test_a_part_without_listeners_ignores_presses():
    Pressable(html="<b>x</b>").press("anything")


@pytest.mark.parametrize("hollow", [False, True])
def test_every_marker_of_classes_and_bands_has_a_drawing(hollow):
    names = {style.marker for style in KNOWN.values()}
    drawn = {name: mark(name, "#123456", hollow=hollow) for name in {*names, "triangle", "star"}}
    assert all('d="M' in svg and "#123456" in svg for svg in drawn.values())
    assert len(set(drawn.values())) == len(drawn)
