"""From one side's figure to the other's, step by step, each with the records behind it."""
