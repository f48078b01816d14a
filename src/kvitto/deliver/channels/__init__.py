"""The ways to a recipient, one file each."""
