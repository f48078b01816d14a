"""Staged tables to canonical tables."""
