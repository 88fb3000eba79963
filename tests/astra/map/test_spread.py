import datashader.transfer_functions as tf
import numpy as np
import pytest
import xarray

from astra.map.spread import crowding, spread, spread_radius


def sparse(share, dtype=np.uint32, shape=(60, 80)):
    rng = np.random.default_rng(4)
    values = rng.integers(0, 9, shape).astype(dtype)
    empty = np.nan if np.dtype(dtype).kind == "f" else 0
    return np.where(rng.random(shape) < share, values, empty).astype(dtype)


def as_datashader(image):
    return xarray.DataArray(image, dims=["y", "x"])


@pytest.mark.parametrize("dtype", [np.uint32, np.float32, np.uint8])
@pytest.mark.parametrize("radius", [0, 1, 2, 3])
@pytest.mark.parametrize(("how", "of_datashader"), [("sum", "add"), ("max", "max")])
def test_discs_are_those_of_datashader(dtype, radius, how, of_datashader):
    image = sparse(0.05, dtype)
    expected = tf.spread(as_datashader(image), radius, how=of_datashader)
    np.testing.assert_array_equal(spread(image, radius, how), expected)


def test_each_class_spreads_by_itself():
    images = np.stack([sparse(0.01), sparse(0.2), sparse(0)])
    expected = [spread(image, 2) for image in images]
    np.testing.assert_array_equal(spread(images, 2), expected)


def test_an_image_that_is_read_only_can_be_spread():
    image = sparse(0.05)
    image.flags.writeable = False
    assert spread(image, 1).sum() > image.sum()


@pytest.mark.parametrize("largest", [1, 3])
def test_the_radius_is_that_of_dynspread(largest):
    radii = set()
    for share in (0, 0.001, 0.004, 0.01, 0.02, 0.03, 0.1, 0.5):
        image = sparse(share, shape=(150, 200))
        radius = spread_radius(image, largest)
        expected = tf.dynspread(as_datashader(image), max_px=largest, how="add")
        np.testing.assert_array_equal(spread(image, radius), expected)
        radii.add(radius)
    assert radii == set(range(largest + 1))


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (5, 1), (1, 9), (7, 7)])
@pytest.mark.parametrize("radius", [1, 2, 3, 5])
def test_discs_larger_than_the_image_are_cut_off(shape, radius):
    image = sparse(0.7, shape=shape)
    expected = tf.spread(as_datashader(image), radius, how="add")
    np.testing.assert_array_equal(spread(image, radius), expected)


@pytest.mark.parametrize("share", [0.0, 0.0005, 0.01, 0.6])
def test_crowding_is_the_mean_of_the_squares_that_hold_any(share):
    image = sparse(share, shape=(67, 81))
    squares = image[:64, :80].reshape(8, 8, 10, 8).sum(axis=(1, 3), dtype=float)
    expected = squares[squares > 0].mean() / 64 if squares.any() else 0
    assert crowding(image, 8) == pytest.approx(expected)
