"""What a mill tells of itself: one snapshot, and all that shows it."""
