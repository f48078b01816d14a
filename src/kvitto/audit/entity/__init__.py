"""Which records of one client are the same company or the same person.

``kvitto.audit.entity.resolution.find_pairs`` is the entrance; splink is loaded
only where there is something to compare.
"""
