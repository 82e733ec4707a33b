"""Text with open numbers → its deflated bytes for any numbers, without deflating it again.

Deflate (RFC 1951) makes a text into tokens, each a letter or "so many letters from so far back",
and writes every token by a code of a few bits. Copies of a text that differ in some digits alone
have the same tokens, so their bits are the same, too, but where those digits stand. Such bits are
kept as one large integer, and beside it, for each open digit, an integer that has a one wherever
the digit stands: a copy is the former, plus each of the latter times the code of its digit. The
checksum at the end, Adler-32 (RFC 1950), is linear just so.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain, repeat
from typing import NamedTuple

from pixattest.pdf.object_template import opened

_CLOSED = 0xF000
"""Characters from here on stand for the open numbers of the copy before."""

_WINDOW, _LONGEST = 32768, 258
_DIGITS = range(48, 58)
_END = 256
_MOST_BITS = 15

_LENGTHS = [(3 + n, 0) for n in range(4)]
_LENGTHS += [(3 + (4 + n % 4 << n // 4 - 1), n // 4 - 1) for n in range(4, 28)]
_LENGTHS += [(_LONGEST, 0)]
_DISTANCES = [(1, 0), (2, 0)]
_DISTANCES += [(1 + (2 + n % 2 << n // 2 - 1), n // 2 - 1) for n in range(2, 30)]
"""Of each symbol, the first value that it stands for, and its extra bits (RFC 1951, 3.2.5)."""

_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
"""How the lengths of the codes for code lengths are ordered (3.2.7)."""

_ADLER = 65521

_MOST_BEGUN = 32
"""Texts with some of their digits that are kept; then they are made anew."""


class DeflateTemplate:
    """A text in two strips, of which many copies are deflated into one stream.

    There, the first strips of all copies come first, and then the second strips, each of which
    refers back to the one before.

    Args:
        first, second: Latin-1 texts of the strips, with open numbers as `opened` gives them.
        widths: digits of each open number.
    """

    def __init__(self, first: str, second: str, widths: Sequence[int]) -> None:
        texts = _Text(first, "", widths), _Text(second, "", widths), _Text(second, second, widths)
        used = [symbol for text in texts for symbol in text.symbols]
        letters = Counter([_END, *(symbol.letter for symbol in used)])
        distances = Counter(symbol.distance for symbol in used if symbol.distance is not None)
        codes = _Codes(letters, distances)
        self._first, self._second, self._following = (_Strip(text, codes) for text in texts)
        # One block, the last, which tells its codes (3.2.3).
        self._opening = _Stretch.of("101" + codes.table())
        self._end = _Stretch.of(codes.letters[_END])

    def deflated(self, copies: Sequence[tuple[str, str]]) -> bytes:
        """The stream, in zlib's format.

        Args:
            copies: one at least; of each, the digits of the first strip's open numbers in their
                order, and those of the second strip's.
        """
        seconds = chain([self._second], repeat(self._following))
        stretches = [
            self._opening,
            *(self._first.filled(digits) for digits, _ in copies),
            *(strip.filled(digits) for strip, (_, digits) in zip(seconds, copies, strict=False)),
            self._end,
        ]
        low, high = 1, 0
        for stretch in stretches:
            high += stretch.high + low * stretch.letters
            low += stretch.low
        bits, size = _joined([(stretch.bits, stretch.size) for stretch in stretches])
        data = bits.to_bytes(size + 7 >> 3, "little")
        return b"\x78\x9c%b%b" % (data, (high % _ADLER << 16 | low % _ADLER).to_bytes(4, "big"))


class _Stretch(NamedTuple):
    """Deflated text.

    Attributes:
        bits: the lowest comes first.
        size: how many bits.
        letters: how many bytes of text.
        low, high: what these add to the halves of a checksum of zero.
    """

    bits: int
    size: int
    letters: int = 0
    low: int = 0
    high: int = 0

    @classmethod
    def of(cls, bits: str) -> _Stretch:
        """Bits in their order, which stand for no text."""
        return cls(int(bits[::-1] or "0", 2), len(bits))


def _joined(stretches: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Bits with their number, one after the other; by halves, as shifting long ones costs most."""
    if len(stretches) == 1:
        return stretches[0]
    half = len(stretches) // 2
    (one, size), (other, more) = _joined(stretches[:half]), _joined(stretches[half:])
    return one | other << size, size + more


class _Strip:
    """Deflated text that lacks the digits of its open numbers."""

    def __init__(self, text: _Text, codes: _Codes) -> None:
        self._codes = {chr(digit): int(codes.letters[digit][::-1], 2) for digit in _DIGITS}
        bits: list[str] = []
        size = 0
        places: list[list[int]] = [[] for _ in text.open]
        for symbol in text.symbols:
            written = codes.letters[symbol.letter] + symbol.extra
            if symbol.digit is not None:
                places[symbol.digit].append(size)
                written = "0" * len(written)
            if symbol.distance is not None:
                written += codes.distances[symbol.distance] + symbol.more
            bits.append(written)
            size += len(written)
        self._masks = [sum(1 << place for place in found) for found in places]
        # A byte counts once for the low half of Adler-32, and for the high one as often as there
        # are bytes from it to the end.
        letters = text.letters
        blank = _Stretch.of("".join(bits))
        self._blank = blank._replace(
            letters=len(letters),
            low=sum(letters),
            high=sum(accumulate(letters)),
        )
        self._begun: dict[str, _Stretch] = {}
        self._weights = [
            (len(found), sum(len(letters) - place for place in found)) for found in text.open
        ]

    def filled(self, digits: str) -> _Stretch:
        """The text with its first digits; copies in a row have all but the last one in common."""
        if not digits:
            return self._blank
        digit, place = digits[-1], len(digits) - 1
        begun = self._begun.get(digits[:-1])
        if begun is None:
            if len(self._begun) >= _MOST_BEGUN:
                self._begun.clear()
            begun = self._begun[digits[:-1]] = self.filled(digits[:-1])
        bits, size, letters, low, high = begun
        many, weight = self._weights[place]
        value = int(digit)
        return _Stretch(
            bits + self._codes[digit] * self._masks[place],
            size,
            letters,
            low + value * many,
            high + value * weight,
        )


class _Symbol(NamedTuple):
    """A token as deflate writes it.

    Attributes:
        letter: symbol of a letter or a length.
        extra: bits after it.
        distance: symbol of the distance, after a length.
        more: bits after that.
        digit: number of the open digit whose place it is.
    """

    letter: int
    extra: str = ""
    distance: int | None = None
    more: str = ""
    digit: int | None = None


class _Token(NamedTuple):
    """A letter of a text; or so many letters that stand before it, too.

    Attributes:
        place: of the first letter.
        length: in letters.
        source: where the same letters begin; None for a letter alone.
    """

    place: int
    length: int
    source: int | None


class _Text:
    """A text cut into tokens.

    Args:
        text: what is to be deflated.
        before: what stands before it, with other numbers; tokens may refer to it.
        widths: digits of each open number.

    Attributes:
        letters: its bytes, with a 0 for each open digit.
        open: of each open digit, where in the bytes it stands.
        symbols: of its tokens.
    """

    def __init__(self, text: str, before: str, widths: Sequence[int]) -> None:
        numbers = len(widths)  # of which the text need not have all
        firsts = [*accumulate(widths, initial=0)]
        self._digits = {
            opened(number): range(firsts[number], firsts[number + 1]) for number in range(numbers)
        }
        closed = {opened(number): chr(_CLOSED + number) for number in range(numbers)}
        self._whole = before.translate({ord(c): other for c, other in closed.items()}) + text
        wide = {c: len(digits) for c, digits in self._digits.items()}
        wide |= {closed[c]: width for c, width in wide.items()}
        self._ends = [*accumulate((wide.get(c, 1) for c in self._whole), initial=0)]
        self.open: list[list[int]] = [[] for _ in range(firsts[-1])]
        start = self._ends[len(before)]
        for place, letter in zip(self._ends[len(before) : -1], text, strict=True):
            for offset, digit in enumerate(self._digits.get(letter, ())):
                self.open[digit].append(place - start + offset)
        filled = (letter if letter not in wide else "0" * wide[letter] for letter in text)
        self.letters = "".join(filled).encode("latin-1")
        self.symbols = [
            symbol for token in self._parse(len(before)) for symbol in self._spelt(token)
        ]

    def _parse(self, place: int) -> Iterator[_Token]:
        """Tokens from left to right; a letter alone where the next place saves more."""
        saved, token = self._best(place)
        while place < len(self._whole):
            following = self._best(place + 1)
            if following[0] > saved:
                token = _Token(place, 1, None)
            yield token
            place += token.length
            saved, token = following if token.length == 1 else self._best(place)

    def _best(self, place: int) -> tuple[int, _Token]:
        """The token at a place that saves most bits, by a guess of what tokens cost."""
        text, ends = self._whole, self._ends
        saved, token = 0, _Token(place, 1, None)
        length = 3
        # Where the longest match would end.
        end = min(bisect_right(ends, ends[place] + _LONGEST) - 1, len(text))
        while place + length <= end:
            source = text.rfind(text[place : place + length], 0, place + length - 1)
            if source < 0 or ends[place] - ends[source] > _WINDOW:
                break
            while place + length < end and text[source + length] == text[place + length]:
                length += 1
            # A letter takes about 5 bits; a match 10, and what tells the distance.
            distance = ends[place] - ends[source]
            gain = 5 * (ends[place + length] - ends[place]) - 10 - distance.bit_length()
            if gain > saved:
                saved, token = gain, _Token(place, length, source)
            length += 1
        return saved, token

    def _spelt(self, token: _Token) -> Iterator[_Symbol]:
        """A token's symbols: one, or one for each digit of an open number."""
        place, length, source = token
        letter, ends = self._whole[place], self._ends
        if source is not None:
            yield _match(ends[place + length] - ends[place], ends[place] - ends[source])
        elif letter in self._digits:
            for digit in self._digits[letter]:
                yield _Symbol(_DIGITS[0], digit=digit)
        else:
            yield _Symbol(ord(letter))


def _match(length: int, distance: int) -> _Symbol:
    """So many bytes from so far back (3.2.5)."""
    letter = bisect_right(_LENGTHS, (length, _MOST_BITS)) - 1
    far = bisect_right(_DISTANCES, (distance, _MOST_BITS)) - 1
    (least, extra), (nearest, more) = _LENGTHS[letter], _DISTANCES[far]
    return _Symbol(
        _END + 1 + letter,
        _bits(length - least, extra),
        far,
        _bits(distance - nearest, more),
    )


class _Codes:
    """The codes of one stretch of text, those of the ten digits of one length.

    Args:
        letters: how often each letter or length is used, by its symbol (3.2.5).
        distances: how often each distance is used, by its symbol.
    """

    def __init__(self, letters: Mapping[int, int], distances: Mapping[int, int]) -> None:
        # The digits share a sub-tree of sixteen with the letters that are about as frequent.
        mean = sum(letters.get(digit, 0) for digit in _DIGITS) / len(_DIGITS)
        others = sorted(
            {*range(_END + len(_LENGTHS) + 1)} - {*_DIGITS},
            key=lambda symbol: (abs(letters.get(symbol, 0) - mean), symbol),
        )
        subtree = [*_DIGITS, *others[:6]]
        weights = {symbol: weight for symbol, weight in letters.items() if symbol not in subtree}
        weights[-1] = max(1, sum(letters.get(symbol, 0) for symbol in subtree))
        lengths = _lengths(weights, _MOST_BITS - 4)
        deep = lengths.pop(-1) + 4
        self._letter_lengths = lengths | dict.fromkeys(subtree, deep)
        self._distance_lengths = _lengths({0: 1, 1: 1, **distances}, _MOST_BITS)
        self.letters = _assign(self._letter_lengths)
        self.distances = _assign(self._distance_lengths)

    def table(self) -> str:
        """What tells the codes at the head of a block (3.2.7)."""
        letters = [self._letter_lengths.get(n, 0) for n in range(max(self._letter_lengths) + 1)]
        distances = [
            self._distance_lengths.get(n, 0) for n in range(max(self._distance_lengths) + 1)
        ]
        runs = [*_runs(letters + distances)]
        lengths = _lengths(Counter({0: 1}) + Counter(symbol for symbol, _ in runs), 7)
        codes = _assign(lengths)
        told = [lengths.get(symbol, 0) for symbol in _ORDER]
        while told[-1] == 0:
            told.pop()
        return "".join(
            (
                _bits(len(letters) - 257, 5),
                _bits(len(distances) - 1, 5),
                _bits(len(told) - 4, 4),
                *(_bits(length, 3) for length in told),
                *(codes[symbol] + extra for symbol, extra in runs),
            )
        )


def _runs(lengths: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Code lengths as symbols with their extra bits: repetitions are told as such (3.2.7)."""
    place = 0
    while place < len(lengths):
        length = lengths[place]
        end = place
        while end < len(lengths) and lengths[end] == length:
            end += 1
        many = end - place
        if length == 0 and many >= 11:
            many = min(many, 138)
            yield 18, _bits(many - 11, 7)
        elif length == 0 and many >= 3:
            yield 17, _bits(many - 3, 3)
        elif many >= 4:
            many = min(many, 7)
            yield length, ""
            yield 16, _bits(many - 4, 2)
        else:
            many = 1
            yield length, ""
        place += many


def _lengths(weights: Mapping[int, int], most: int) -> dict[int, int]:
    """Lengths of Huffman codes, `most` bits at most, by symbol."""
    while True:
        heap: list[tuple[int, int, tuple[int, ...]]] = [
            (weight, symbol, (symbol,)) for symbol, weight in weights.items()
        ]
        heapq.heapify(heap)
        lengths = dict.fromkeys(weights, 0)
        while len(heap) > 1:
            one, other = heapq.heappop(heap), heapq.heappop(heap)
            for symbol in one[2] + other[2]:
                lengths[symbol] += 1
            heapq.heappush(heap, (one[0] + other[0], min(one[1], other[1]), one[2] + other[2]))
        if max(lengths.values()) <= most:
            return lengths
        weights = {symbol: weight + 1 >> 1 for symbol, weight in weights.items()}


def _assign(lengths: Mapping[int, int]) -> dict[int, str]:
    """The canonical codes of some lengths, each as its bits in their order (3.2.2)."""
    codes: dict[int, str] = {}
    code = before = 0
    for length, symbol in sorted((length, symbol) for symbol, length in lengths.items()):
        code <<= length - before
        codes[symbol] = f"{code:0{length}b}"
        code, before = code + 1, length
    return codes


def _bits(value: int, many: int) -> str:
    """A number's bits, the lowest first."""
    return f"{value:0{many}b}"[::-1] if many else ""
