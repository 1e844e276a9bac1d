"""The texts people see, in pt-BR and en: looked up by code, filled with parameters."""
