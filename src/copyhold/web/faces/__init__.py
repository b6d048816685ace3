"""Addresses, one file for each kind of visitor; web.urls puts them together."""
