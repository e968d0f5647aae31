"""`pagemill doctor`: facts of a Redis and a mill, and the checks that look at them."""
