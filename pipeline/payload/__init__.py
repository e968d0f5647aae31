"""What a framework left in a page's scripts for the browser to show."""
