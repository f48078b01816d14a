"""Labels: what is written in several ways, what it may mean, and what a decision changes."""
