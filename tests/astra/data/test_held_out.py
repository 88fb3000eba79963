import numpy as np
import pandas as pd
import pytest

from astra.data.catalogue import Catalogue, sky_cell
from astra.data.held_out import held_out


def catalogue(objects, seed=0, **columns):
    rng = np.random.default_rng(seed)
    table = {"object_id": [f"sky:{i}" for i in range(objects)]}
    table["ra"] = rng.uniform(0, 360, objects)
    table["dec"] = np.degrees(np.arcsin(rng.uniform(-0.5, 1, objects)))
    return Catalogue(pd.DataFrame(table | columns))


def test_whole_cells_are_held_out():
    sky = catalogue(30_000)
    out = held_out(sky)
    cells = sky_cell(sky["ra"].to_numpy(), sky["dec"].to_numpy())
    share = pd.Series(out.rows).groupby(cells).mean()
    assert set(share) == {0.0, 1.0}
    assert 0.27 < out.rows.mean() < 0.33
    assert "sky cells" in out.by


def test_the_choice_depends_on_the_place_alone():
    sky = catalogue(5_000)
    some = np.random.default_rng(1).permutation(5_000)[:2_000]
    np.testing.assert_array_equal(held_out(sky).rows[some], held_out(sky.take(some)).rows)


def test_a_larger_fraction_holds_out_more_of_the_same():
    sky = catalogue(5_000)
    assert not (held_out(sky).rows & ~held_out(sky, 0.4).rows).any()
    assert held_out(sky, 0.4).rows.mean() > held_out(sky).rows.mean()


@pytest.mark.parametrize(
    "sky",
    [
        catalogue(4_000, ra=np.nan, dec=np.nan),
        catalogue(4_000, ra=150.0, dec=2.0),
        Catalogue(catalogue(4_000).table[["object_id"]]),
    ],
    ids=["unknown", "one field", "no columns"],
)
def test_without_places_objects_are_held_out_by_their_ids(sky):
    out = held_out(sky)
    assert 0.26 < out.rows.mean() < 0.34
    assert out.by == "objects at random"
    np.testing.assert_array_equal(out.rows[::7], held_out(sky.take(np.arange(0, 4_000, 7))).rows)
