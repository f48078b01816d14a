"""Signing in as a person: the browser asks, a callback on this machine gets the answer."""

from kvitto.sources.oauth.provider import OAuthProvider, Place, place_of

__all__ = ["OAuthProvider", "Place", "place_of"]
