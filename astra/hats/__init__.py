"""Catalogues of any size: HATS, opened by LSDB, worked on by any Dask scheduler."""
