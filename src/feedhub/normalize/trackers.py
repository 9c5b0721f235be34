"""The one table of what addresses carry for tracking only, and its removal.

A name stands here only when no site is known to choose its page by it: a parameter left in costs a repeated story, one
wrongly removed points readers to another page. Names are compared in lower case. Names that are harmless on one site
and meaningful on another stand under their host, which covers its subdomains.
"""

from __future__ import annotations

import re

__all__ = ["strip_fragment", "strip_path", "strip_query"]

_GROUPS = {
    "clicks on advertisements": "fbclid gclid gclsrc gbraid wbraid dclid gad_source gad_campaignid srsltid msclkid "
    "yclid ysclid _openstat twclid ttclid li_fat_id epik rdt_cid irclickid irgwc cjevent tduid zanpid wickedid "
    "rb_clickid s_kwcid ef_id",
    "analytics sessions": "_ga _gl _gac __hstc __hssc __hsfp _hsenc _hsmi hsctatracking guccounter",
    "mailing lists": "mc_cid mc_eid mkt_tok ml_subscriber ml_subscriber_hash ck_subscriber_id oly_anon_id oly_enc_id "
    "vero_id vero_conv _bta_tid _bta_c dm_i trk_contact trk_msg trk_module trk_sid elqtrack elqtrackid elqaid elqat "
    "elqcampaignid _ke _kx",
    "campaigns": "xtor cmpid intcmp int_cmp wt_mc wt_zmc wt.mc_id sc_cid s_cid soc_src soc_trk sr_share "
    "pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid "
    "ns_campaign ns_mchannel ns_source ns_linkname ns_fee "
    "at_medium at_campaign at_campaign_type at_creation at_format at_variant at_network at_link_id at_link_type "
    "at_link_origin at_ptr_name at_bbc_team at_custom1 at_custom2 at_custom3 at_custom4",
    # Whoever follows such an address would be taken for the visitor that the feed was made for.
    "sessions of visitors": "phpsessid jsessionid aspsessionid asp.net_sessionid oscsid xtcsid zenid cfid cftoken",
    "sharing buttons": "igshid igsh mibextid fb_action_ids fb_action_types fb_source fb_ref ref_src ref_url "
    "__twitter_impression",
}
_NAMES = frozenset(name for group in _GROUPS.values() for name in group.split())
_PREFIXES = ("utm_", "mtm_", "matomo_", "piwik_", "hsa_", "guce_")
# These name where the reader came from; removed only when that is a feed, for elsewhere they may choose the page.
_ORIGINS = frozenset(("from", "origin", "partner", "ref", "referrer", "source", "src"))
_FEEDS = ("rss", "atom", "feed")
_HOSTS = {
    "aol.com": frozenset(("ncid",)),
    "bbc.co.uk": frozenset(("ocid",)),
    "bbc.com": frozenset(("ocid",)),
    "bloomberg.com": frozenset(("srnd",)),
    "cbsnews.com": frozenset(("ftag",)),
    "cnet.com": frozenset(("ftag",)),
    "dailymail.co.uk": frozenset(("ito",)),
    "huffpost.com": frozenset(("ncid",)),
    "linkedin.com": frozenset(("lipi", "refid", "trackingid", "trk")),
    "medium.com": frozenset(("source",)),
    "msn.com": frozenset(("ocid",)),
    "newyorker.com": frozenset(("mbid",)),
    "nytimes.com": frozenset(("emc", "partner", "smid", "smtyp")),
    "open.spotify.com": frozenset(("nd", "si")),
    "reddit.com": frozenset(("rdt", "share_id")),
    "techcrunch.com": frozenset(("ncid",)),
    "theguardian.com": frozenset(("cmp",)),
    "twitter.com": frozenset(("s", "t")),
    "vanityfair.com": frozenset(("mbid",)),
    "washingtonpost.com": frozenset(("wpisrc", "wpmm", "wpsrc")),
    "wired.com": frozenset(("mbid",)),
    "x.com": frozenset(("s", "t")),
    "youtu.be": frozenset(("feature", "pp", "si")),
    "youtube.com": frozenset(("feature", "pp", "si")),
    "zdnet.com": frozenset(("ftag",)),
}
_NOTHING: frozenset[str] = frozenset()
_SESSION = re.compile(r";jsessionid=[^/;?#]*", re.IGNORECASE)


def strip_path(path: str) -> str:
    """Return ``path`` without the session of a visitor that Java servers write behind it."""
    return _SESSION.sub("", path)


def strip_query(query: str, host: str) -> str:
    """Return ``query`` (without its ``?``) without tracking parameters; the others stay byte for byte, in order."""
    parts = query.split("&")
    extra = _of_host(host)
    kept = [part for part in parts if not _tracks(part, extra)]
    return query if len(kept) == len(parts) else "&".join(kept)


def strip_fragment(fragment: str) -> str:
    """Return ``fragment`` (without its ``#``), or nothing when all it says is where the reader came from."""
    if fragment == "rss" or fragment.startswith("tk.rss"):
        return ""
    return "" if all(_tracks(part, _NOTHING) for part in fragment.split("&")) else fragment


def _of_host(host: str) -> frozenset[str]:
    while host:
        found = _HOSTS.get(host)
        if found is not None:
            return found
        host = host.partition(".")[2]
    return _NOTHING


def _tracks(part: str, extra: frozenset[str]) -> bool:
    name, _, value = part.partition("=")
    # "&amp;utm_source=rss" in a text that was escaped twice leaves the name with this prefix.
    name = name.lower().removeprefix("amp;")
    if name in _NAMES or name in extra or name.startswith(_PREFIXES):
        return True
    return name in _ORIGINS and _is_feed(value.lower())


def _is_feed(value: str) -> bool:
    return value in _FEEDS or value.startswith(("rss-", "rss_"))
