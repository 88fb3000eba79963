"""Figures, rasters, marks and colours: what is drawn, from numbers alone."""
