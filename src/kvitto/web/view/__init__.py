"""Frozen data for the templates, made from editions, receipts and rows by pure functions."""
