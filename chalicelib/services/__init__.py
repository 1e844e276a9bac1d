"""Use cases. Each function gets what it uses as arguments; only `wiring` picks the adapters."""
