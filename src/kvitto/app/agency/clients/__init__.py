"""The five clients, one module each, in the order in which they are written."""
