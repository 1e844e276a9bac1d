"""The HTTP edge: one blueprint a topic. A view parses, calls and serialises; it only raises."""
