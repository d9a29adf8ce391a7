"""What can go wrong for a reason that its user can act on: one tree of exceptions.

    ModelError
        CommandError     a command cannot do what it was asked for
            ProcessDied  one of its processes died
        DrawingsError    drawings to measure with cannot be read
        EmptyDrawing     there is no ink in a picture
        FileError        a file is not what it should be
            MissingFile  there is no such file
        MnistError       MNIST cannot be had
        PlotError        pictures cannot be drawn
        TrainingError    training cannot start, or ended without weights
        WeightsError     a weights file cannot be used

A message is a clause in lower case without a full stop at its end: it says what is wrong and what
would be right, and the commands print it behind "error: ". What only a programmer can mend, as an
array of the wrong shape, is a ValueError.
"""


class ModelError(Exception):
    """What was asked for cannot be done; the message says why."""


class CommandError(ModelError):
    """A command cannot do what it was asked for."""


class ProcessDied(CommandError):
    """One of a command's processes died."""

    def __init__(self) -> None:
        super().__init__("a process that did part of the work died, perhaps for want of memory")


class DrawingsError(ModelError):
    """Drawings to measure with cannot be read."""


class EmptyDrawing(ModelError):
    """There is no ink in a picture."""

    def __init__(self) -> None:
        super().__init__("the picture is empty: draw a digit whose ink differs from its paper")


class FileError(ModelError):
    """A file is not what it should be; the message goes on after its name: "is larger than ..."."""


class MissingFile(FileError):
    """There is no such file."""

    def __init__(self) -> None:
        super().__init__("does not exist")


class MnistError(ModelError):
    """MNIST cannot be had, or a copy of it is damaged."""


class PlotError(ModelError):
    """Pictures cannot be drawn; the message says what to install."""


class TrainingError(ModelError):
    """Training cannot start, or ended without weights."""


class WeightsError(ModelError):
    """A weights file cannot be used."""
