"""Who called what what, and when: the append-only label log."""
