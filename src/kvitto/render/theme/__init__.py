"""How every output looks: one set of design tokens, derived from a brand."""
