"""Tables and SQL to rows; versions are published atomically."""
