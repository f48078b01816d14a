"""Question to answer: values with receipts."""
