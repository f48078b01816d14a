"""One module per form; each declares what it cannot show."""
