"""Astra, an observatory for the latent space of light curves."""
