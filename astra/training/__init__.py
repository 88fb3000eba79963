"""How an encoder learns: objectives, one fit loop, checkpoints."""
