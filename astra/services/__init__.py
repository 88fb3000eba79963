"""Services of others on the network: asked only where somebody says so, politely, and cached."""
