"""Horses: the forked processes that mill, their limits, their deaths, and who is to blame."""
