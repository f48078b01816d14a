"""The report on paper: Typst files, the data they read, the child that typesets."""
