"""One file per kind of variability: each paints its objects and says what is true of them."""
