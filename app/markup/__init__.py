"""Pieces of the page as escaped HTML, and the panels made of them."""
