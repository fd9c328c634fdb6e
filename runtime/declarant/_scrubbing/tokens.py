"""Keys and tokens that can be told by their form: blocks, families, and words that were drawn.

A family is a prefix that its issuer documents for secret scanners. Source: the public detection
rules of each issuer and of GitHub's, GitLab's and gitleaks' secret scanning.
"""

from __future__ import annotations

import re

from declarant._scrubbing.chance import looks_random
from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy

__all__ = ["has_token", "is_random_base64", "without_random_words", "without_tokens"]

#: An unfinished block reaches to the end of the text, for its head alone may have been printed.
_BLOCK = Lazy(
    r"-{4,5} ?BEGIN [A-Z].*?(?:-{4,5} ?END [^-\n]*-{4,5}|\Z)|PuTTY-User-Key-File-.*", re.DOTALL
)

#: What can hold a token. To look for these first is much cheaper than to try each family.
_LONG_WORD = Lazy(r"(?<![\w+/~.$%=-])[\w+/~.$%=-]{16,}")
#: A JSON Web Token, whole or cut: its first part is the base64 of `{"`.
_JWT = Lazy(r"(?<![0-9A-Za-z])eyJ[\w-]{8,}[\w.=-]*")
#: Access keys of AWS, client secrets of Entra ID, bots of Telegram.
_ACCESS_KEY = Lazy(
    r"(?<![0-9A-Za-z])A(?:BI|CC|GP|ID|IP|KI|NP|NV|PK|RO|SC|SI)A[0-9A-Z]{16}(?![0-9A-Za-z])"
)
_CLIENT_SECRET = Lazy(r"[\w~.-]{3}[0-9]Q~[\w~.-]{20,}")
_BOT = Lazy(r"(?<![0-9A-Za-z])[0-9]{8,10}:AA[\w-]{28,}")

# Prefixes, each with what follows it: letters and digits alone, for hf_hub_download is no token.
_STRICT = (
    # cloud
    *("ABSK", "LTAI", "AKID", "dapi"),
    *("do[opr]_v1_", "HRKU-", "fo1_", "fm[12]_", "nfp_", "vc[aikpr]_", "sbp_", "sb_secret_"),
    *("pul-", "figd_", "NRAK-", "NRJS-", "glsa_", "glc_", "sntry[su]_", "lin_(?:api|oauth)_"),
    *("PMAK-", "ntn_", "secret_", "CCIPAT_", "bkua_", "sq[apu]_"),
    # Git hosts and package registries
    *("gh[oprsu]_", "ATBB", "npm_", "cio", "rubygems_", "oy2", "AKCp", "CLOJARS_"),
    # model hubs
    *("sk-", "fw_", "hf_", "api_org_", "r8_", "gsk_", "wandb_v1_"),
    # chat and payment
    *("[rs]k_(?:live|test|prod)_", "pk_(?:live|test)_", "whsec_", "rzp_(?:live|test)_"),
    *("shp(?:at|ca|pa|ss)_", "EAA", "key-", "(?:AC|SK)(?=[0-9a-f]{32})"),
)
# Or joints as well, where nothing else begins so.
_LOOSE = (
    # cloud
    *("AIza", "ya29[.]", "GOCSPX-", "1//0", "hv[brs][.]", r"dp[.][a-z]{2,5}[.]", "tskey-", "AQVN"),
    *("CFPAT-", "sl[.]", "v1[.]0-", "pscale_[a-z]{2,5}_", "AGE-SECRET-KEY-", "t1[.]9eu"),
    # Git hosts and package registries
    *("github_pat_", "gl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rt|soat|wt)-", "GR1348941"),
    *("AAAA[BCE]3NzaC1", "AT[AC]TT3", "pypi-AgE", "dckr_(?:oat|pat)_", "packagist_[a-z]{3}_"),
    # model hubs
    *("sk-(?:admin|ant|lf|or|proj|svcacct)-", "nvapi-", "pplx-", "xai-", "lsv2_[a-z]{2}_"),
    *("pcsk_", "tgp_v1_"),
    # chat and payment
    *("xox[a-z][.-]", "xapp-", "SG[.]", "sq0[a-z]{3}-", "access-(?:production|sandbox)-"),
    "access_token[$]",
)
_FAMILY = Lazy(
    rf"(?<![A-Za-z0-9])(?:(?:{'|'.join(_STRICT)})[A-Za-z0-9]{{12,}}[\w=-]*"
    rf"|(?:{'|'.join(_LOOSE)})[\w.~+/=$%-]{{12,}})"
)
#: Characters that are not looked at: prefixes hold digits and capitals themselves.
_MAX_PREFIX = 5
_BASE64 = Lazy(r"[A-Za-z0-9+/]{20,}={0,2}")
_RUN = Lazy(r"(?<![A-Za-z0-9+/_~.-])[A-Za-z0-9+/_~.-]{20,}={0,2}")


def without_tokens(text: str) -> str:
    """Return marked text without key blocks and tokens of known families."""
    if "BEGIN " in text or "PuTTY-" in text:
        text = _BLOCK().sub(MARK, text)
    if "Q~" in text:
        text = _CLIENT_SECRET().sub(MARK, text)
    if ":AA" in text:
        text = _BOT().sub(MARK, text)
    return _LONG_WORD().sub(_long_word, text)


def has_token(word: str) -> bool:
    """Tell whether a word holds a token of a known family."""
    return without_tokens(word) != word


def without_random_words(text: str) -> str:
    """Return marked text without words that were drawn; what else they may be comes before."""
    return _RUN().sub(_run, text)


def is_random_base64(text: str) -> bool:
    """Tell whether what looks like a path is a token in base64, which has slashes in it."""
    return _BASE64().fullmatch(text) is not None and looks_random(text)


def _long_word(match: re.Match[str]) -> str:
    found = match[0]
    found = _ACCESS_KEY().sub(MARK, found)
    if not _is_telling(found):
        return found
    return _JWT().sub(MARK, _FAMILY().sub(_family, found))


def _family(match: re.Match[str]) -> str:
    found = match[0]
    return MARK if _is_telling(found[_MAX_PREFIX:]) else found


def _is_telling(word: str) -> bool:
    """Tell whether a word holds a digit, or small and capital letters."""
    return any(map(str.isdigit, word)) or not (word.islower() or word.isupper())


def _run(match: re.Match[str]) -> str:
    found = match[0]
    core = found.strip("./=~+-")
    if "/" not in core:
        return found.replace(core, MARK, 1) if looks_random(core) else found
    return "/".join(MARK if looks_random(part) else part for part in found.split("/"))
