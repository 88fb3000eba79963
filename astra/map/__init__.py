"""The map: point grid, aggregation, shading, lasso."""
