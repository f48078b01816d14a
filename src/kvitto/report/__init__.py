"""Report: measured values and statements become an edition that people review and seal."""
