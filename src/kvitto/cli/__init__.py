"""The command line: thin, every command is one call of ``app``."""
