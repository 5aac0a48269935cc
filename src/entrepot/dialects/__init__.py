"""Wire formats: bytes in, records out, and back. No I/O, clock, log or setting."""
