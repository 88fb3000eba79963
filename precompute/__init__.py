"""Makes runs: every invocation is a process of its own."""
