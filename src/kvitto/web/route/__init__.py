"""The pages, one module per subject. Each calls one use case and shows its result."""
