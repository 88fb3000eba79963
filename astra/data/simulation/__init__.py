"""A simulated, ZTF-like sky with truth: the embedded default survey, and the oracle of tests."""
