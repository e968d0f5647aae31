"""HTML as text and as a tree: guards before the parser, the parser, and trees as text."""
