import pytest

from app.drawing.curves import CurveChart


@pytest.fixture
def chart() -> CurveChart:
    return CurveChart("dark", "Macro-F1", ("validation", "held out"))


def offset(chart: CurveChart, name: str) -> float:
    return chart._curves[name].name.y_offset


def test_names_of_curves_that_end_side_by_side_move_apart(chart):
    curves = {"validation": [(1, 0.5), (2, 0.70)], "held out": [(2, 0.69)]}
    chart.show(curves, 2)
    assert offset(chart, "validation") > 0 > offset(chart, "held out")
    chart.show({**curves, "held out": [(2, 0.71)]}, 2)
    assert offset(chart, "validation") < 0 < offset(chart, "held out")
    chart.show({**curves, "held out": [(2, 0.52)]}, 2)
    assert offset(chart, "validation") == offset(chart, "held out") == 0


@pytest.mark.parametrize(("first", "baseline"), [(0.5, "bottom"), (0.8, "top")])
def test_the_name_of_the_line_is_at_the_left_on_the_side_without_the_curve(chart, first, baseline):
    chart.show({"validation": [(1, first), (2, 0.7)]}, 2, ("probe of first 0.690", 0.69))
    assert chart._bar_name.x == 0
    assert chart._bar_name.text_baseline == baseline
    assert chart._bar_name.visible


def test_a_line_without_curves_is_named(chart):
    chart.show({}, 5, ("probe of first 0.690", 0.69))
    assert chart._bar_name.text == "probe of first 0.690"
    assert chart._bar_name.text_baseline == "bottom"
