import numpy as np
import pytest

from astra.evaluation.leakage import survey_leakage


@pytest.fixture(scope="module")
def objects():
    rng = np.random.default_rng(0)
    surveys = rng.choice(["css", "asas", "eros"], 1200, p=[0.6, 0.3, 0.1])
    classes = rng.choice(["RRab", "EA"], 1200)
    return surveys.tolist(), classes.tolist(), rng.integers(200, size=1200)


def test_a_planted_offset_is_found(objects):
    surveys, classes, units = objects
    vectors = np.random.default_rng(1).normal(size=(1200, 6))
    vectors[np.array(surveys) == "css", 2] += 8
    vectors[np.array(surveys) == "asas", 3] += 8
    found = survey_leakage(vectors, classes, surveys, units)
    assert found["mean"] > 0.6
    assert set(found["by_class"]) == {"RRab", "EA"}
    assert found["by_class"]["EA"]["surveys"] == ["asas", "css", "eros"]
    assert found["by_class"]["EA"]["chance"] == pytest.approx(1 / 3)


def test_vectors_that_know_the_class_alone_leak_nothing(objects):
    surveys, classes, units = objects
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(1200, 6)) + 5 * (np.array(classes) == "EA")[:, None]
    found = survey_leakage(vectors, classes, surveys, units)
    assert abs(found["mean"]) < 0.08


def test_the_place_on_the_sky_alone_is_not_learnt_by_heart(objects):
    """A number per sky cell tells the survey of that cell, and of no other."""
    _, classes, units = objects
    surveys = np.where(np.random.default_rng(3).random(200) < 0.5, "css", "asas")[units].tolist()
    vectors = np.random.default_rng(4).normal(size=(200, 3))[units]
    found = survey_leakage(vectors, classes, surveys, units)
    assert abs(found["mean"]) < 0.2


def test_classes_that_one_survey_alone_has_do_not_count(objects):
    surveys, _, units = objects
    classes = ["RRab" if name == "css" else "EA" if name == "asas" else None for name in surveys]
    vectors = np.zeros((1200, 2))
    assert survey_leakage(vectors, classes, surveys, units) == {"mean": None, "by_class": {}}
