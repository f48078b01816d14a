"""Delivering an artefact to its recipients, once."""
