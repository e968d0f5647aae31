"""What a page says of itself: title, authors, dates, language, from JSON-LD, meta elements and what readers see."""
