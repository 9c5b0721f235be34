"""The nouns of feedhub: frozen, keyword-only records without logic, shared by every room.

Conventions: an empty string or tuple means "the feed does not say"; ``None`` stands only where absence means
something of its own. All datetimes are aware and in UTC. Media types are lower case and without parameters.
"""

from __future__ import annotations

from feedhub.model.edition import (
    Archive,
    Archived,
    Content,
    Deleted,
    Digest,
    Document,
    Edition,
    Events,
    Item,
    Mistake,
    Order,
    Part,
    Related,
    Site,
)
from feedhub.model.facts import Alias, Known, Raw, StoredEntry, Update
from feedhub.model.feed import Category, Enclosure, Entry, Extension, Feed, Hints, Link, Origin, Person, Problem, Text
from feedhub.model.push import Delivery, HubOffer, Lease, Push, WebSubSettings
from feedhub.model.source import (
    Absence,
    Failure,
    Fetched,
    FetchEvent,
    FetchSettings,
    Move,
    ParseSettings,
    Request,
    Rhythm,
    Source,
    SourceState,
    Withdrawal,
)
from feedhub.model.story import Correction, Member, Reason, Rule, Story, StorySettings, Tag, TagRule
from feedhub.model.taxonomy import Taxon, Taxonomy, Term

__all__ = [
    "Absence",
    "Alias",
    "Archive",
    "Archived",
    "Category",
    "Content",
    "Correction",
    "Deleted",
    "Delivery",
    "Digest",
    "Document",
    "Edition",
    "Enclosure",
    "Entry",
    "Events",
    "Extension",
    "Failure",
    "Feed",
    "FetchEvent",
    "FetchSettings",
    "Fetched",
    "Hints",
    "HubOffer",
    "Item",
    "Known",
    "Lease",
    "Link",
    "Member",
    "Mistake",
    "Move",
    "Order",
    "Origin",
    "ParseSettings",
    "Part",
    "Person",
    "Problem",
    "Push",
    "Raw",
    "Reason",
    "Related",
    "Request",
    "Rhythm",
    "Rule",
    "Site",
    "Source",
    "SourceState",
    "StoredEntry",
    "Story",
    "StorySettings",
    "Tag",
    "TagRule",
    "Taxon",
    "Taxonomy",
    "Term",
    "Text",
    "Update",
    "WebSubSettings",
    "Withdrawal",
]
