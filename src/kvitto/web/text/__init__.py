"""The words of the screens, one module for each language and part of the app."""
