"""What can go wrong, as exceptions: every error of this package is an `Error`.

`SpecError`, `ColumnError`, `TypeError_` and `DataError` are caused by what was
handed in, and are `ValueError`s too. `StateError` and `InternalError` are not.
"""


class Error(Exception):
    """The base of every error that this package raises on purpose."""


class SpecError(Error, ValueError):
    """A question that cannot be asked: an unknown word, field or option, or a bad value."""


class ColumnError(Error, ValueError):
    """A column that the question needs is missing, or appears twice."""


class TypeError_(Error, ValueError):  # noqa: N801, N818  (the name leaves Python's own TypeError alone)
    """A column or an argument holds another type than the question needs."""


class DataError(Error, ValueError):
    """Data that cannot be read, or values that cannot be so."""


class StateError(Error):
    """Partial results that do not belong together, or come from another version."""


class InternalError(Error):
    """A fault of this package, not of what was handed in. Please report it."""
