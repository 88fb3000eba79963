import numpy as np
import pytest

from astra.data.observatory import Observatory
from astra.evaluation.cache import Cache, hash_of_array, hash_of_code


def test_what_was_made_once_is_found_again(tmp_path):
    cache = Cache(Observatory(tmp_path))
    made = []

    def make():
        made.append(1)
        return np.arange(6.0).reshape(2, 3)

    facts = {"what": "test", "rows": [1, 2]}
    first, second = cache.array(facts, make), cache.array(dict(reversed(facts.items())), make)
    assert np.array_equal(first, second) and len(made) == 1
    cache.array(facts | {"rows": [1, 3]}, make)
    assert len(made) == 2
    assert cache.figures(facts, lambda: {"a": [1, None]}) == {"a": [1, None]}
    assert cache.figures(facts, lambda: pytest.fail("made twice")) == {"a": [1, None]}


def test_nothing_is_kept_of_what_was_cut_off(tmp_path):
    cache = Cache(Observatory(tmp_path))

    def stopped():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.figures({"what": "test"}, stopped)
    assert not list(tmp_path.rglob("*.json"))


def test_hashes_tell_shapes_types_and_code_apart():
    numbers = np.arange(6)
    hashes = {
        hash_of_array(numbers),
        hash_of_array(numbers.reshape(2, 3)),
        hash_of_array(numbers.astype(np.int32)),
        hash_of_array(numbers[:3], numbers[3:]),
    }
    assert len(hashes) == 4
    assert hash_of_code("astra.periods") != hash_of_code("astra.periods.search")
