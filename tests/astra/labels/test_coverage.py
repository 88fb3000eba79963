import numpy as np
import pytest

from astra.labels.coverage import CELLS, coverage, covered_by


def test_an_object_is_covered_by_its_own_label_or_a_neighbours():
    generator = np.random.default_rng(0)
    neighbours = np.array(
        [generator.permutation(np.delete(np.arange(300), i))[:12] for i in range(300)]
    )
    labelled = generator.random(300) < 0.03
    for nearest in (1, 5, 12):
        expected = [labelled[i] or labelled[neighbours[i, :nearest]].any() for i in range(300)]
        np.testing.assert_array_equal(covered_by(neighbours, labelled, nearest), expected)
    assert not covered_by(neighbours, np.zeros(300, bool)).any()
    alone = covered_by(np.empty((300, 0), np.int32), labelled)
    np.testing.assert_array_equal(alone, labelled)


def test_parts_add_up_and_the_least_covered_stands_first():
    generator = np.random.default_rng(1)
    codes = generator.integers(-1, 3, 1000)
    covered = generator.random(1000) < np.array([0.1, 0.9, 0.5, 0.3])[codes]
    found = coverage(covered, generator.normal(size=(1000, 2)), codes, ("a", "b", "c"))
    assert (found.whole.objects, found.whole.covered) == (1000, covered.sum())
    assert [part.name for part in found.by_class] == ["a", "c", "b"]
    for part in found.by_class:
        code = "abc".index(part.name)
        assert part.objects == (codes == code).sum()
        assert part.covered == (covered & (codes == code)).sum()
        assert part.share == pytest.approx(part.covered / part.objects)


def test_cells_are_parts_of_the_map():
    side = np.linspace(0, 1, 240)
    x, y = (axis.ravel() for axis in np.meshgrid(side, side))
    covered = (x < 0.5) & (y > 0.5)
    codes = np.zeros(len(x), np.int64)
    found = coverage(covered, np.column_stack([x, y]), codes, ("all",))
    half = CELLS // 2
    assert (found.cells[half:, :half] == 1).all()
    assert (found.cells[:half] == 0).all()
    assert (found.cells[:, half:] == 0).all()
    assert found.blank == CELLS * CELLS * 3 // 4
    few = coverage(covered[:5], np.column_stack([x, y])[:5], codes[:5], ("all",))
    assert np.isnan(few.cells).all()
    assert few.blank == 0
