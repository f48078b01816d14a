"""Artefact and recipients to receipts of delivery."""
