"""Lambda functions without HTTP: each module is one function's blueprint and handler."""
