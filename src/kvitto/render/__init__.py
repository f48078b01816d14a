"""Edition to bytes; reads an edition and a brand, nothing else."""
