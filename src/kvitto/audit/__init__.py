"""Canonical tables to findings and decisions."""
