import pytest

from astra.evaluation.plot import plot
from astra.evaluation.report import number, report, strongest_rival, table


def figure(mean: float, values: list[float] | None = None) -> dict:
    given = values or [mean - 0.01, mean + 0.01]
    return {
        "mean": mean,
        "spread": 0.01414,
        "values": given,
        "interval": [mean - 0.05, mean + 0.04],
    }


def row(name: str, kind: str, lr: list[float], rf: list[float]) -> dict:
    def scores(values: list[float]) -> dict:
        mean = sum(values) / len(values)
        names = ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "calibration_error")
        return {"all": {name: figure(mean, values) for name in names}}

    return {"name": name, "kind": kind, "scores": {"logistic": scores(lr), "forest": scores(rf)}}


@pytest.fixture
def evaluation() -> dict:
    group = {
        "name": "eros1",
        "survey": "variables",
        "objects": 2380,
        "classes": {"CEP": 589, "RRab": 1791},
        "left_out": {"QSO": 7},
        "units": 14,
        "splits": [{"learnt": 1600, "tested": 780, "tested_units": 4}] * 2,
        "rows": [
            row("astra", "encoder", [0.8, 0.9], [0.7, 0.7]),
            row("features", "rival", [0.6, 0.7], [0.75, 0.81]),
            row("random vectors", "control", [0.2, 0.2], [0.99, 0.99]),
        ],
    }
    leak = {"leakage": 0.25, "balanced_accuracy": 0.75, "chance": 0.5, "surveys": ["a", "b"]}
    return {
        "format": "astra-evaluation-1",
        "request": {"protocol": {"seeds": 2, "draws": 3}, "validation": False},
        "groups": [group],
        "matching": [],
        "leakage": [
            {"survey": "variables", "row": "astra", "mean": 0.25, "by_class": {"RRab": leak}}
        ],
        "fine_tuning": [
            {
                "group": "eros1",
                "encoder": "astra",
                "objects": 1200,
                "frozen": {name: figure(0.8) for name in ("macro_f1", "accuracy")},
                "tuned": {name: figure(0.875) for name in ("macro_f1", "accuracy")},
            }
        ],
    }


def test_numbers_have_three_decimals_and_no_leading_zero():
    assert [number(v) for v in (0.7604, -0.05, 1.0, 1.25, 0.0, -1.5, None)] == [
        ".760",
        "-.050",
        "1.000",
        "1.250",
        ".000",
        "-1.500",
        "",
    ]


def test_columns_of_a_table_are_equally_wide():
    lines = table(["", "macro-F1"], [["astra", ".8"], ["random vectors", ".085 ± .010"]]).split(
        "\n"
    )
    assert len({len(line) for line in lines}) == 1
    assert lines[1] == f"| {'-' * 14} | {'-' * 10}: |"
    assert lines[2].startswith("| astra          |")


def test_the_strongest_rival_is_a_rival_with_its_best_head(evaluation):
    name, found = strongest_rival(evaluation["groups"][0], "all")
    assert name == "features, RF" and found["values"] == [0.75, 0.81]


def test_the_report_says_what_was_left_out_and_how_few_cells_there_are(evaluation):
    text = report(evaluation, "astra evaluate astra --survey variables")
    assert text.startswith("# Evaluation\n\n    astra evaluate astra --survey variables\n")
    assert "QSO 7" in text
    assert "**Only 4 cells in a test**" in text
    # Paired with the forest on features: .8 - .75 and .9 - .81.
    assert "| astra, LR, all labels | +.070 ± .028 |" in text
    assert "| astra, eros1 |  1,200 |             .800 | .875 ± .014 |" in text
    assert "## Survey leakage, variables" in text and "RRab: a, b" in text
    assert ".850 ± .014 [.800, .890]" in text


def test_the_same_evaluation_gives_the_same_plot(evaluation):
    assert plot(evaluation) == plot(evaluation)
    evaluation["groups"] *= 5
    assert plot(evaluation).startswith(b"\x89PNG")
