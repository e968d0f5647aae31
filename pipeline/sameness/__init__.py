"""When two texts are the same, and when one is a copy of the other."""
