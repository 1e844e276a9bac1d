"""Pure rules and values: no AWS, no I/O; time is always an argument."""
