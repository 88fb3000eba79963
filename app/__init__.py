"""Sees: the Panel app, `panel serve app`."""
