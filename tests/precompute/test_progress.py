import io
import json

import pytest
from rich.console import Console
from rich.progress import Progress

from precompute.progress import Reporter


@pytest.fixture
def reporter(tmp_path):
    console = Console(file=io.StringIO(), width=60)
    return Reporter(console, Progress(console=console, disable=True), tmp_path / "p.jsonl")


def lines(reporter):
    return [json.loads(line) for line in reporter.file.path.read_text().splitlines()]


def test_every_event_is_a_whole_line_with_all_keys(reporter):
    reporter("start", stage="encoder")
    reporter("progress", stage="encoder", done=3, total=9, unit="steps", loss=0.5)
    reporter("done", stage="encoder", seconds=1.25, message="loss 0.5")
    for line in lines(reporter):
        assert {"time", "stage", "event", "done", "total", "unit", "message"} <= set(line)
    assert lines(reporter)[1]["loss"] == 0.5
    printed = reporter.console.file.getvalue().splitlines()
    assert printed[0] == "encoder     start"
    assert printed[1] == "encoder     progress   3 of 9  steps  loss 0.5"
    assert printed[2] == "encoder     done       1.2 s  loss 0.5"


def test_fast_progress_is_thinned_but_never_scores_or_ends(reporter):
    for done in range(1, 101):
        facts = {"score": 0.5} if done == 50 else {}
        reporter("progress", stage="encoder", done=done, total=100, **facts)
    told = [line["done"] for line in lines(reporter)]
    assert {50, 100} <= set(told)
    assert len(told) < 20


def test_a_failure_is_told_in_the_name_of_the_stage_under_way(reporter):
    reporter("start", stage="periods")
    reporter("failed", message="no")
    reporter("start", stage="periods")
    reporter("done", stage="periods")
    reporter("failed", message="no")
    assert [line["stage"] for line in lines(reporter) if line["event"] == "failed"] == [
        "periods",
        None,
    ]


def test_text_is_never_markup(reporter):
    reporter("failed", message="[bold]class [red]x[/] " + "long " * 30)
    printed = reporter.console.file.getvalue()
    assert "[bold]class [red]x[/]" in printed
    assert len(printed.splitlines()) == 1
