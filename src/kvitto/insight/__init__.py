"""Measured values to statements with evidence."""
