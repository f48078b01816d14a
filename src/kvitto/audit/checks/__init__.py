"""The checks, one per file; none knows another."""
