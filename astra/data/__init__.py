"""What the sky gave us: surveys, bands, light curves, catalogues."""
