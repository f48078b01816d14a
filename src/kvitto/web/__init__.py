"""The app in a browser: a person's wish becomes a call of `app`."""
