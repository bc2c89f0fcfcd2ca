"""Bodies as they come over the wire, unpacked portion by portion within limits (RFC 9110 section 8.4).

One coding is taken off, and only one that was asked for: a body that is packed several times over is refused,
as is one that grows out of proportion. Nothing is held but what has been unpacked so far.
"""

from __future__ import annotations

import zlib
from io import BytesIO

from service.errors import FetchError, TooLarge

ACCEPTED = "gzip, deflate"

_STEP = 256 * 1024  # bytes unpacked at a time
_RATIO = 200  # times that a body may grow; feeds grow 3 to 20 times
_SMALL = 1024 * 1024  # bytes up to which it may grow as it likes
_MEMBERS = 1000  # of one gzip file, RFC 1952 section 2.2
_GZIP = zlib.MAX_WBITS + 16


class Body:
    """A body under way: portions are put in, and the whole is read at the end."""

    def __init__(self, coding: str, most: int) -> None:
        self._coding = coding.strip().lower()
        self._most = most  # bytes, unpacked
        self._unpacked = BytesIO()
        self._wire_bytes = 0
        self._stream: zlib._Decompress | None = None
        self._members = 0

    @property
    def wire_bytes(self) -> int:
        """The bytes put in so far."""
        return self._wire_bytes

    def put(self, portion: bytes) -> None:
        """Unpack the next bytes from the wire, at least one.

        Raises:
            TooLarge: The body is larger than allowed once unpacked, or grows out of proportion.
            FetchError: It cannot be unpacked.
        """
        self._wire_bytes += len(portion)
        try:
            self._unpack(portion)
        except zlib.error as error:
            raise FetchError(f"the body cannot be unpacked: {error}") from error

    def whole(self) -> bytes:
        """The unpacked body.

        Raises:
            FetchError: Its end is missing.
        """
        if self._stream and not self._stream.eof:
            raise FetchError("the body cannot be unpacked: it ends early")
        return self._unpacked.getvalue()

    def _unpack(self, portion: bytes) -> None:
        if self._coding in {"", "identity"}:
            self._keep(portion)
        elif self._coding in {"gzip", "x-gzip"}:
            self._gunzip(portion)
        elif self._coding == "deflate":
            self._undeflate(portion)
        else:
            raise FetchError(f"the body is coded as {self._coding!r}, which was not asked for")

    def _keep(self, portion: bytes) -> None:
        self._unpacked.write(portion)
        size = self._unpacked.tell()
        if size > self._most:
            raise TooLarge(f"the body is larger than {self._most} bytes once unpacked")
        if size > max(_SMALL, self._wire_bytes * _RATIO):
            raise TooLarge(f"the body is more than {_RATIO} times as large once unpacked")

    def _gunzip(self, portion: bytes) -> None:
        """Take in a piece of a gzip file; its members are one body, and zeros may follow each."""
        while portion:
            if self._stream and self._stream.eof:
                portion = portion.lstrip(b"\0")
                self._stream = None if portion else self._stream
            elif self._stream:
                portion = self._inflate(self._stream, portion)
            else:
                self._stream = self._next_member()

    def _next_member(self) -> zlib._Decompress:
        self._members += 1
        if self._members > _MEMBERS:
            raise FetchError(f"the body cannot be unpacked: it has more than {_MEMBERS} members")
        return zlib.decompressobj(_GZIP)

    def _undeflate(self, portion: bytes) -> None:
        """RFC 9110 section 8.4.1.2: with zlib's wrapper, though some servers leave it out."""
        if self._stream is None:
            wrapped = portion[0] & 0x8F == 8  # RFC 1950 section 2.2; only padding in a bare stream
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        self._inflate(self._stream, portion)

    def _inflate(self, stream: zlib._Decompress, packed: bytes) -> bytes:
        """Unpack up to the end of the stream; gives what follows it."""
        full = True
        while (packed or full) and not stream.eof:
            unpacked = stream.decompress(packed, _STEP)
            packed, full = stream.unconsumed_tail, len(unpacked) == _STEP
            self._keep(unpacked)
        return stream.unused_data
