"""What we keep: immutable runs, their manifests, the progress of jobs."""
