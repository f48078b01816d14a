"""The command line: a person's wish becomes a call of `app`."""
