"""What pyHanko raises over damaged files: its own errors, and whatever happens where it expected another object."""

from pyhanko.pdf_utils.misc import PdfError

__all__ = ["COMPLAINTS"]

COMPLAINTS = (
    PdfError,
    AssertionError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
)
