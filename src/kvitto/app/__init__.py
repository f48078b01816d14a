"""One use case each, wired from the rooms below."""
