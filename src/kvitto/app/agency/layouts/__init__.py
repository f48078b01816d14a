"""Export layouts of the tools that the clients use, one module for each."""
