"""What leaves Astra and comes back: tables, light curves, snippets, messages to other tools."""
