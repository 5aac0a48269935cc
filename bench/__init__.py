"""Side-by-side measurements of the hub and its peers. Nothing here is part of the installed package."""
