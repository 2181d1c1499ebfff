"""Which topics: filters become byte prefixes for the broker (PROTOCOL.md section 2), and decide about a topic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional, Union

from ._rules import CATEGORY_MAX, SOURCE_ID_MAX, fits, is_token
from ._source import SourceId

PREFIXES_MAX = 1000
TYPES_MAX = 256


@dataclass(frozen=True)
class Filter:
    """Topics that are wanted. Made by one of the class methods, or from text as the command line writes it:

    ``"StreamEvent"`` the category · ``"StreamEvent/#default#app/cam"`` exactly this source · ``"StreamEvent/#default#app/"``
    all below it · ``"StreamEvent/#default#app/**"`` it and all below it · ``"StreamEvent/cam*"`` the sources that begin so.
    ``"*/…"`` is any category: the broker then sends everything, and the rest is sorted out here."""

    kind: str
    category: Optional[str] = None
    source_id: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ("everything", "category", "source", "subtree", "prefix"):
            raise ValueError(f"no kind of filter: {self.kind}")
        if self.category is not None and not (is_token(self.category) and fits(self.category, CATEGORY_MAX)):
            raise ValueError(f"no category: {self.category!r}")
        if self.kind == "category" and self.category is None:
            raise ValueError("a filter for a category without one")
        if self.kind in ("source", "subtree") and not self.source_id:
            raise ValueError("a filter for a source without one")
        if not fits(self.source_id, SOURCE_ID_MAX):
            raise ValueError(f"the source is longer than {SOURCE_ID_MAX} bytes")

    @classmethod
    def everything(cls) -> Filter:
        """All topics."""
        return cls("everything")

    @classmethod
    def of_category(cls, category: str) -> Filter:
        """All of the category."""
        return cls("category", category)

    @classmethod
    def source(cls, source_id: str, category: Optional[str] = None) -> Filter:
        """Exactly this source."""
        return cls("source", category, source_id)

    @classmethod
    def subtree(cls, source_id: str, category: Optional[str] = None) -> Filter:
        """This source and all below it: SOURCE/…, and for a virtual host its applications #SOURCE#…"""
        return cls("subtree", category, source_id)

    @classmethod
    def prefix(cls, begin: str, category: Optional[str] = None) -> Filter:
        """All sources whose id begins so."""
        return cls("prefix", category, begin)

    @classmethod
    def of(cls, text: Union[Filter, str]) -> Filter:
        """A filter as it is, or from text."""
        if isinstance(text, Filter):
            return text
        name, _, source = text.partition("/")
        category = None if name == "*" or not text else name
        if not source:
            return cls("category", category) if category else cls("everything")
        if source.endswith("/**"):
            return cls("subtree", category, source[:-3])
        if source.endswith("*"):
            return cls("prefix", category, source[:-1])
        return cls("prefix" if source.endswith("/") else "source", category, source)

    def takes(self, category: str, source_id: str) -> bool:
        """Whether the topic is one of them."""
        if self.category is not None and self.category != category:
            return False
        if self.kind == "source":
            return source_id == self.source_id
        if self.kind == "subtree":
            return self._is_below(source_id)
        return self.kind != "prefix" or source_id.startswith(self.source_id)

    def _is_below(self, source_id: str) -> bool:
        root = self.source_id
        if source_id == root or source_id.startswith(root + "/"):
            return True
        return SourceId.split(root).app is None and source_id.startswith(f"#{root}#")

    def prefixes(self) -> list[bytes]:
        """What the broker is asked for; only where there is a category."""
        begin = f"{self.category}/{self.source_id}"
        if self.kind == "source":
            return [begin.encode() + b"\0"]
        if self.kind != "subtree":
            return [begin.encode()]
        found = [begin.encode() + b"\0", begin.encode() + b"/"]
        if SourceId.split(self.source_id).app is None:
            found.append(f"{self.category}/#{self.source_id}#".encode())
        return found


Filters = Iterable[Union[Filter, str]]


class Wanted:
    """Filters, those excluded again, types and a lowest level."""

    def __init__(self, filters: Filters, exclude: Filters, types: Iterable[str], level: int) -> None:
        for name in (filters, exclude, types):
            if isinstance(name, str):
                raise TypeError("filters, exclude and types are lists, not a text")
        self.filters = [Filter.of(each) for each in filters] or [Filter.everything()]
        self.exclude = [Filter.of(each) for each in exclude]
        self.types = list(types)
        self.level = level
        self.is_everything = any(each.kind == "everything" for each in self.filters) and not self.exclude
        self._takes_all = self.is_everything
        self._type_set = frozenset(self.types)

    def takes_topic(self, topic: str) -> bool:
        if self._takes_all:
            return True
        category, _, source_id = topic.partition("/")
        return any(each.takes(category, source_id) for each in self.filters) and not any(
            each.takes(category, source_id) for each in self.exclude
        )

    def takes(self, topic: str, type: str, level: int) -> bool:
        return level >= self.level and (not self._type_set or type in self._type_set) and self.takes_topic(topic)

    def prefixes(self) -> list[bytes]:
        """For the broker; none: everything."""
        if any(each.category is None for each in self.filters):
            return []
        return [prefix for each in self.filters for prefix in each.prefixes()]
