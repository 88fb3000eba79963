import pytest

from astra.periods.aliases import SIDEREAL_DAY, is_daily, relation, rhythms

RESOLUTION = 1 / 2000


@pytest.mark.parametrize(
    ("days", "named"),
    [
        (1.0, ("1 d",)),
        (SIDEREAL_DAY, ("1 d",)),
        (0.4995, ("0.5 d",)),
        (29.6, ("29.5 d",)),
        (370.0, ("1 yr",)),
        (0.5712, ()),
        (41.0, ()),
    ],
)
def test_rhythms_of_observing_are_named(days, named) -> None:
    assert rhythms(1 / days, RESOLUTION) == named


def test_what_the_window_alone_knows_is_called_window() -> None:
    assert rhythms(0.2, RESOLUTION, [0.2001]) == ("window",)
    assert rhythms(1.0, RESOLUTION, [1.0]) == ("1 d",)


@pytest.mark.parametrize(
    ("frequency", "said"),
    [
        (1.7, ""),
        (0.85, "2 P"),
        (3.4, "P/2"),
        (1.7 / 3, "3 P"),
        (2.7027, "f + 1/d"),
        (0.6973, "f − 1/d"),
        (0.3, "−f + 2/d"),
        (1.7 + 1 / 365.25, "f + 1/yr"),
        (1.7 + 1 / 29.53, "f + 1/(29.5 d)"),
        (1.43, ""),
    ],
)
def test_a_candidate_is_told_by_how_it_comes_from_the_first(frequency, said) -> None:
    assert relation(frequency, 1.7, RESOLUTION) == said


def test_a_peak_of_the_window_makes_a_mirror() -> None:
    assert relation(1.9, 1.7, RESOLUTION, [0.2]) == "f + window"


def test_a_short_span_does_not_tell_the_year() -> None:
    assert relation(1.7 + 1 / 365.25, 1.7, 1 / 50) != "f + 1/yr"


def test_whole_cycles_a_day_are_daily_as_far_as_seasons_reach() -> None:
    for frequency in (1.0, 1.0027, 0.9985, 2.0055, 3.004):
        assert is_daily(frequency, 0.0005)
    for frequency in (0.99, 1.01, 0.5, 1.5, 4.0):
        assert not is_daily(frequency, 0.0005)
    assert is_daily(0.99, 0.02)
