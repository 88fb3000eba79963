"""Vectors to insight: neighbours, projection, probes, anomalies."""
