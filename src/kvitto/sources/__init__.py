"""The world to staged tables."""
