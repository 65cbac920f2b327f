"""Who meets what, everywhere: what is expected, a region to try it in, and who walks through it."""
