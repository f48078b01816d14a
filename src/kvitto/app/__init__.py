"""One use case each, wired from the rooms below.

Importing a use case is cheap: what it needs is imported while it runs.
"""

from kvitto.app.house import House, find_root, local_person, open_house
from kvitto.app.who import Role, Who

__all__ = ["House", "Role", "Who", "find_root", "local_person", "open_house"]
