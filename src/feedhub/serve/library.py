"""The published folder, read safely and kept in memory.

Whatever a request names, only regular files below the folder are opened, part by part and never through a symbolic
link; names that begin with a dot or have a suffix nobody serves do not exist. A file is read again when its inode,
size or modification time is another; the refresh replaces files whole, so that is when it has changed.
"""

from __future__ import annotations

import gzip
import os
import re
import stat
import time
from collections import OrderedDict
from email.utils import formatdate
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING

import brotli
from msgspec import Struct

from feedhub.serve import delta
from feedhub.serve.conditions import Validators
from feedhub.serve.media import Kind, kinds

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["INDEX", "Library", "Representation", "Resource", "parts", "suffix"]

INDEX = "index.html"
MAX_PATH = 1024
# A name that is safe to look for: no dot in front, no control character, no separator of any system.
NAME = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*")
CAPACITY = 64 * 1024 * 1024
# Below this, the headers are most of an answer.
WORTH_CODING = 300
# To look whether a file has changed costs as much as all the rest of a 304; so it is done so often at most (seconds).
LOOKED = 0.01
# How many versions of how many feeds can be shortened: entity tags, one for each coding.
MAX_TAGS, MAX_FEEDS = 96, 1000

Identity = tuple[int, int, int]
# What names the entries of a feed, by the entity tags of its versions.
Versions = OrderedDict[str, frozenset[bytes]]


class Representation(Struct, frozen=True, kw_only=True):
    """The bytes to send, in a content coding ("" for none), with their validators."""

    coding: str
    body: bytes
    validators: Validators


class Resource:
    """A file as it was read: what it is, and its representations by content coding."""

    def __init__(self, path: str, kind: Kind, identity: Identity, body: bytes) -> None:
        self.path = path
        self.kind = kind
        self.identity = identity
        # A date to come is no validator (RFC 9110 §8.8.2.1). Nor is the present one in its place: of two versions of
        # one second, clients that go by dates would drop the later.
        modified = identity[1] // 10**9
        self.last_modified = formatdate(modified, usegmt=True) if modified <= time.time() else ""
        self.plain = self._representation("", body)
        self.coded = {"": self.plain}
        self.size = len(body)
        # The Link header of a feed that hubs are told of, b"" for none, None where nobody has looked yet.
        self.link: bytes | None = None
        # When it was last seen to be as it lies on the disk.
        self.looked = 0.0
        # What `feedhub.serve.quick` answers, by content coding.
        self.not_modified: dict[str, bytes] = {}

    def code(self, coding: str) -> Representation:
        """Make the representation in a content coding; the plain one where coding gains nothing."""
        body = self.plain.body
        packed = body
        if self.kind.compress and len(body) >= WORTH_CODING:
            # The modification time is left out of gzip's header: same bytes, same entity tag.
            packed = brotli.compress(body, quality=5) if coding == "br" else gzip.compress(body, 6, mtime=0)
        made = self._representation(coding, packed) if len(packed) < len(body) else self.plain
        if coding not in self.coded:
            self.coded[coding] = made
            self.size += len(made.body) if made is not self.plain else 0
        return made

    def _representation(self, coding: str, body: bytes) -> Representation:
        etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        validators = Validators(etag=etag, last_modified=self.last_modified)
        return Representation(coding=coding, body=body, validators=validators)


class Library:
    """The files of a folder by path; methods may be called from any thread."""

    def __init__(self, folder: Path, capacity: int = CAPACITY) -> None:
        self.folder = folder
        self._root = os.fspath(folder)
        self._capacity = capacity
        self._kept: OrderedDict[str, Resource] = OrderedDict()
        self._entries: OrderedDict[str, Versions] = OrderedDict()
        self._lock = Lock()

    def kept(self, path: str) -> Resource | None:
        """Return a file from memory, if it is there and still as it lies on the disk, or did a moment ago."""
        resource = self._kept.get(path)
        if resource is None:
            return None
        moment = time.monotonic()
        if moment - resource.looked < LOOKED:
            return resource
        try:
            now = os.lstat(f"{self._root}/{path}")
        except OSError:
            return None
        if _identity(now) != resource.identity:
            return None
        resource.looked = moment
        return resource

    def read(self, path: str) -> Resource:
        """Read the file at a path that `parts` allows; raises OSError where there is none."""
        kind = kinds()[suffix(path)]
        identity, body = self._read(path)
        resource = Resource(path, kind, identity, body)
        self.remember(resource)
        with self._lock:
            self._kept[path] = resource
            self._kept.move_to_end(path)
            while len(self._kept) > 1 and sum(kept.size for kept in self._kept.values()) > self._capacity:
                self._kept.popitem(last=False)
        return resource

    def code(self, resource: Resource, coding: str) -> Representation:
        """Return the representation of a file in a content coding, made now if it was not yet."""
        made = resource.code(coding)
        if resource.kind.is_feed:
            self._remember_tag(resource, made.validators.etag)
        return made

    def is_folder(self, path: str) -> bool:
        """Tell whether a path is a folder with a page of its own."""
        try:
            os.close(self._open(f"{path}/{INDEX}"))
        except OSError:
            return False
        return True

    def newer(self, resource: Resource, etags: list[str]) -> bytes | None:
        """Return a feed with only the entries that none of these earlier versions had; None if all are unknown."""
        versions = self._entries.get(resource.path)
        if versions is None or resource.plain.validators.etag not in versions:
            return None
        had = [versions[etag] for etag in etags if etag in versions]
        return delta.without(resource.plain.body, frozenset[bytes]().union(*had)) if had else None

    def remember(self, resource: Resource) -> None:
        """Keep what names the entries of a feed, so that later versions can be shortened by it."""
        if not resource.kind.is_feed or resource.plain.validators.etag in self._entries.get(resource.path, ()):
            return
        found = delta.entries(resource.plain.body)
        if not found:
            return
        with self._lock:
            versions = self._entries.setdefault(resource.path, OrderedDict())
            self._entries.move_to_end(resource.path)
            versions[resource.plain.validators.etag] = found
            while len(versions) > MAX_TAGS:
                versions.popitem(last=False)
            while len(self._entries) > MAX_FEEDS:
                self._entries.popitem(last=False)

    def _remember_tag(self, resource: Resource, etag: str) -> None:
        with self._lock:
            versions = self._entries.get(resource.path)
            if versions is not None and (found := versions.get(resource.plain.validators.etag)):
                versions[etag] = found

    def _read(self, path: str) -> tuple[Identity, bytes]:
        descriptor = self._open(path)
        with os.fdopen(descriptor, "rb") as file:
            return _identity(os.fstat(descriptor)), file.read()

    def _open(self, path: str) -> int:
        """Open a regular file below the folder; raises OSError for anything else, symbolic links included."""
        *above, name = path.split("/")
        folder = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in above:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = inner
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        finally:
            os.close(folder)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(path)
        return descriptor


def parts(path: str) -> str | None:
    """Return the path below the folder that a decoded request path names, or None where nothing can be.

    The path of a folder is that of its page.
    """
    if len(path) > MAX_PATH or not path.startswith("/"):
        return None
    below = path[1:] + (INDEX if path.endswith("/") else "")
    return below if all(NAME.fullmatch(part) for part in below.split("/")) else None


def suffix(path: str) -> str:
    """Return the suffix of a path's last part with its dot, or ""."""
    name = path.rpartition("/")[2]
    return name[name.rfind(".") :] if "." in name else ""


def _identity(status: os.stat_result) -> Identity:
    return status.st_ino, status.st_mtime_ns, status.st_size
