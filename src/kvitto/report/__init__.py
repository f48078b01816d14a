"""Measured values and statements to an edition."""
