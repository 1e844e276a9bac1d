"""What can go wrong between us and an ERP's views; each with a text that says what to do.

ViewProblem
├── SourceRefused   the source as a whole cannot be read until somebody changes something: the run ends
├── SourceLost      the database did not answer: tried again, then the run ends
└── TableRefused    one view cannot be read: the other tables go on
"""


class ViewProblem(Exception):
    """A code of the catalogue and parameters: `host`, mostly `view`, and `cause` in the driver's words."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, params)
        self.code, self.params = code, params


class SourceRefused(ViewProblem):
    """Nobody but people can mend it: a wrong password, an unknown host."""


class SourceLost(ViewProblem):
    """May be over in a moment: a connection that broke, a server that starts."""


class TableRefused(ViewProblem):
    """Concerns one view: it is not there, a column is missing, reading takes too long."""
