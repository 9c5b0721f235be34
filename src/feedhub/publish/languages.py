"""Language tags (RFC 5646) that feed readers and validators know."""

from __future__ import annotations

from feedhub.normalize.text import language

__all__ = ["known"]

# All of ISO 639-1, then languages without a code of two letters in which feeds are written.
_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj
kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv
ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti
tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
ast ceb chr dsb fil frr fur gsw haw hsb kab lad mai mni myv nap nds nso sah sat scn sco sma syr tet tpi war
"""
_KNOWN = frozenset(_CODES.split())


def known(tag: str) -> str:
    """Return ``tag`` as BCP 47 shapes it where its language is one of ISO 639, else ""."""
    shaped = language(tag)
    return shaped if shaped.partition("-")[0] in _KNOWN else ""
