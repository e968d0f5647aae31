"""Addresses: one spelling for each page."""
