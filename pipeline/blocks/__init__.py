"""HTML by a learned choice: a page as blocks, numbers and words of each, a small net, the chosen blocks as text."""
