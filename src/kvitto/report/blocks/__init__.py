"""The kinds of block, one file each; :mod:`kvitto.report.block` finds them by name."""
