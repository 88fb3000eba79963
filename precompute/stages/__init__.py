"""One file per artefact: Settings, compute, STAGE."""
