"""What zipfile raises for a malformed zip, beside OSError."""

import lzma
import zipfile
import zlib

MALFORMED_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(ValueError, OverflowError),  # a name that is not UTF-8, or an impossible offset
    RuntimeError,  # a compression method that this Python lacks
    MemoryError,  # LZMA's dictionary, whose size the member declares
)
"""What zipfile raises while it unpacks a malformed member."""
