"""A folder of YAML -> frozen definitions, and back."""
