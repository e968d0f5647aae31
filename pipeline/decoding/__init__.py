"""From a body's bytes to its text: what it is, and in which charset."""
