"""The page of `pagemill monitor`: an HTTP server, what it answers, and (`static`) what runs in the browser."""
