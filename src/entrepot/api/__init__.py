"""HTTP handlers: from a request to a call of what does the work, and back. No logic of their own."""
