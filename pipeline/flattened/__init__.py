"""Pages that come as text: lines, numbers and words of each, a small net, the lines that are the article's."""
