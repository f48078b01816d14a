"""The commands, a few to a file, imported when they are called."""
