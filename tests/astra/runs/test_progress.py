import json
from datetime import datetime
from pathlib import Path

from astra.runs.progress import Follower, ProgressFile, silent


def test_events_are_followed_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    follower, tell = Follower(path), ProgressFile(path)
    assert list(follower.new_events()) == []
    tell("start", stage="encoder")
    tell("progress", stage="encoder", done=1, total=2, loss=0.25, message="δ\nline")
    first, second = follower.new_events()
    assert (first["event"], first["stage"]) == ("start", "encoder")
    assert second["message"] == "δ\nline"
    assert (second["done"], second["total"], second["loss"]) == (1, 2, 0.25)
    assert datetime.fromisoformat(second["time"]).utcoffset() is not None
    assert list(follower.new_events()) == []
    tell("done", stage="encoder")
    assert [event["event"] for event in follower.new_events()] == ["done"]
    assert len(list(Follower(path).new_events())) == 3


def test_each_event_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    for number in range(3):
        ProgressFile(path)("progress", message=f"a\nb {number}")
    lines = path.read_text().splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["a\nb 0", "a\nb 1", "a\nb 2"]


def test_a_line_is_read_only_when_it_is_whole(tmp_path: Path) -> None:
    """Whatever the pieces in which the file grows, each event comes once."""
    whole = tmp_path / "whole.jsonl"
    for number in range(4):
        ProgressFile(whole)("progress", done=number)
    content = whole.read_bytes()
    path = tmp_path / "progress.jsonl"
    for step in (1, 7, 50):
        path.write_bytes(b"")
        follower, seen = Follower(path), []
        for end in range(0, len(content) + step, step):
            path.write_bytes(content[:end])
            seen += [event["done"] for event in follower.new_events()]
        assert seen == [0, 1, 2, 3]


def test_nobody_needs_to_listen() -> None:
    assert silent("progress", done=1) is None


def test_a_line_that_is_no_event_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    ProgressFile(path)("start", stage="encoder")
    with path.open("ab") as file:
        file.write(b'{"event": "prog\n')
    ProgressFile(path)("published")
    assert [event["event"] for event in Follower(path).new_events()] == ["start", "published"]
