import multiprocessing
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astra.data.observatory import Observatory
from astra.labels.label import LabelError
from astra.selections import COLOURS, SelectionBook, SelectionError, where

_FORK = multiprocessing.get_context("fork")


@pytest.fixture
def book(tmp_path):
    return SelectionBook(tmp_path)


def test_what_is_saved_is_there_for_whoever_opens_the_book(book, tmp_path):
    book.save("B <b>", ["b:1", "a:2"], "#123456", {"polygon": [[0, 1]], "run": "r"})
    head = SelectionBook(Observatory(tmp_path)).head("B <b>")
    assert (head.colour, head.size, head.recipe["run"]) == ("#123456", 2, "r")
    assert book.object_ids("B <b>") == ["b:1", "a:2"]


def test_the_latest_of_a_name_counts(book):
    recipe = {"run": "r1", "polygon": [[0.5, 1.0], [2.0, 3.0], [4.0, -1.0]], "filters": None}
    book.save("blue <b>", ["x"], "#0000FF", {"run": "r0"})
    book.save("blue <b>", ["a:1", "b:2"], "#0000ff", recipe)
    book.save("a red one", [], "#ff0000")
    red, blue = book.heads()
    assert (red.name, red.size, book.object_ids(red)) == ("a red one", 0, [])
    assert (blue.name, blue.colour, blue.recipe) == ("blue <b>", "#0000ff", recipe)
    assert book.object_ids(blue) == ["a:1", "b:2"]


@pytest.mark.parametrize(
    ("name", "colour", "recipe", "ids"),
    [
        ("", "#ff0000", {}, []),
        ("s", "red", {}, []),
        ("s", "#ff0000; x", {}, []),
        ("s", "#ff0000", {"polygon": float("nan")}, []),
        ("s", "#ff0000", {"polygon": {1, 2}}, []),
        ("s", "#ff0000", {}, ["a\n"]),
    ],
)
def test_what_is_no_selection_is_not_kept(book, name, colour, recipe, ids):
    with pytest.raises(LabelError):
        book.save(name, ids, colour, recipe)
    assert book.heads() == []


def test_each_has_a_colour_of_its_own_while_there_are_colours(book):
    for i in range(len(COLOURS) + 2):
        book.save(f"s{i}", [])
    colours = [book.head(f"s{i}").colour for i in range(len(COLOURS) + 2)]
    assert tuple(colours[: len(COLOURS)]) == COLOURS
    book.delete("s1")
    book.save("again", [])
    book.save("s3", ["a"])
    assert book.head("s3").colour == colours[3]


def test_a_selection_is_renamed_recoloured_deleted_and_brought_back(book):
    book.save("one", ["a", "b"])
    before = book.head("one")
    book.rename("one", " two ")
    book.recolour("two", "#00ff00")
    assert book.names() == ["two"]
    assert book.object_ids("two") == ["a", "b"]
    deleted = book.delete("two")
    assert book.names() == []
    book.restore(deleted)
    assert book.head("two").colour == "#00ff00"
    book.restore(before)
    assert book.names() == ["one", "two"]


def test_what_cannot_be_is_refused_and_changes_nothing(book):
    book.save("one", ["a"])
    book.save("two", ["b"])
    with pytest.raises(SelectionError, match="already"):
        book.rename("one", "two")
    with pytest.raises(SelectionError, match="did you mean one"):
        book.rename("oen", "three")
    with pytest.raises(LabelError, match="printable"):
        book.rename("one", "a\nb")
    with pytest.raises(LabelError, match="#rrggbb"):
        book.recolour("one", "red; background: url(x)")
    with pytest.raises(SelectionError, match="use union"):
        book.combine("product", "one", "two", "three")
    assert book.names() == ["one", "two"]
    assert [book.object_ids(name) for name in book.names()] == [["a"], ["b"]]


IDS = st.lists(st.sampled_from("abcdefgh"), unique=True)


@settings(max_examples=15, deadline=None)
@given(IDS, IDS)
def test_sets_are_combined_as_sets_are(tmp_path_factory, one, other):
    book = SelectionBook(tmp_path_factory.mktemp("book"))
    book.save("one", one)
    book.save("other", other)
    for operation, expected in (
        ("union", set(one) | set(other)),
        ("intersection", set(one) & set(other)),
        ("difference", set(one) - set(other)),
    ):
        book.combine(operation, "one", "other", operation)
        ids = book.object_ids(operation)
        assert set(ids) == expected
        assert len(ids) == len(expected)


def test_a_selection_is_replayed_on_another_run_by_id(book, run, other):
    mask = where(run, "period < 2")
    book.save_mask("short", run, mask, expression="period < 2")
    ids = set(run.object_ids(np.flatnonzero(mask)))
    same, elsewhere = book.replay("short", run), book.replay("short", other)
    np.testing.assert_array_equal(same.mask, mask)
    assert same.missing == 0
    known = {f"sky:{i}" for i in range(100, 400)}
    assert set(other.object_ids(np.flatnonzero(elsewhere.mask))) == ids & known
    assert elsewhere.missing == len(ids - known) > 0
    assert book.head("short").recipe == {"run": "first", "expression": "period < 2"}


def save_for_ever(home, acknowledge):
    book = SelectionBook(home)
    number = 0
    while True:
        book.save(f"s{number % 3}", [f"o{number}"] * (number % 50))
        acknowledge.send(number)
        number += 1


def test_what_was_saved_survives_a_kill(tmp_path):
    for seconds in (0.05, 0.2, 0.35):
        home = tmp_path / str(seconds)
        receive, send = _FORK.Pipe(duplex=False)
        process = _FORK.Process(target=save_for_ever, args=(home, send))
        process.start()
        assert receive.poll(30)
        time.sleep(seconds)
        process.kill()
        process.join()
        send.close()
        last = 0
        while receive.poll():
            try:
                last = receive.recv()
            except EOFError:
                break
        book = SelectionBook(home)
        saved = {head.name: head for head in book.heads()}
        for number in range(max(0, last - 2), last + 1):
            ids = book.object_ids(saved[f"s{number % 3}"])
            later = number + 3  # may have been written, and the kill come before it was said
            assert ids in ([f"o{number}"] * (number % 50), [f"o{later}"] * (later % 50))
