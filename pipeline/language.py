"""The language of a text (ISO 639-1), by Google's Compact Language Detector 2, and of what pages declare."""

import re

import pycld2

SAMPLE = 1_000  # characters, from the start and from the middle

_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_ISO_639_1 = frozenset(_CODES.split())
_NEWER = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro", "sh": "sr", "nb": "no", "nn": "no"}
_THREE_LETTERS = {
    "ara": "ar", "ben": "bn", "bul": "bg", "cat": "ca", "ces": "cs", "chi": "zh", "cmn": "zh", "cze": "cs", "dan": "da",
    "deu": "de", "dut": "nl", "ell": "el", "eng": "en", "est": "et", "fas": "fa", "fil": "tl", "fin": "fi", "fra": "fr",
    "fre": "fr", "ger": "de", "gre": "el", "heb": "he", "hin": "hi", "hrv": "hr", "hun": "hu", "ind": "id", "ita": "it",
    "jpn": "ja", "kor": "ko", "lav": "lv", "lit": "lt", "nld": "nl", "nno": "no", "nob": "no", "nor": "no", "pol": "pl",
    "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru", "slk": "sk", "slv": "sl", "spa": "es", "srp": "sr", "swe": "sv",
    "tha": "th", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi", "yue": "zh", "zho": "zh",
}  # fmt: skip
_NAMES = {name.lower(): code for name, code in pycld2.LANGUAGES if code in _ISO_639_1 or code in _NEWER}
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U0001fffe-\U0010ffff]")
_HAN, _KANA = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"), re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_ENOUGH, _FEW = 20, 20  # Han characters that tell; kana that may stand among them: one in so many
_TOO_LITTLE = 24  # bytes of letters: below that a declared language is the better guess


def detect_language(text: str, hint: str | None = None) -> str | None:
    """The ISO 639-1 code of the language that most of `text` is in, or None.

    Reads at most 2,000 characters. `hint` is the declared language: it tips the scales where the
    text is short or fits several, and is the answer where the text says nothing.
    """
    declared = normalise_language(hint)
    sample = text if len(text) <= 2 * SAMPLE else f"{text[:SAMPLE]} {text[len(text) // 2 :][:SAMPLE]}"
    try:
        _, size, guesses = pycld2.detect(_NO_TEXT.sub(" ", sample), hintLanguage=declared, bestEffort=True)
    except pycld2.error:
        return declared
    if size < _TOO_LITTLE and declared:
        return declared
    found = normalise_language(guesses[0][1]) or declared
    return "zh" if found == "ja" and _is_chinese(sample) else found


def _is_chinese(text: str) -> bool:
    """Whether `text`, in Han characters, has hardly any kana: half of what Japanese writes are kana."""
    han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
    return han >= _ENOUGH and kana * _FEW < han


def normalise_language(code: str | None) -> str | None:
    """The ISO 639-1 code in a language tag (BCP 47), an ISO 639-2 code or an English name; None for what is none.

    `en-US` is en, `zh_Hans` zh, `iw` he, `eng` en. Norwegian, Bokmål and Nynorsk are all `no`, as
    most pages declare and most detectors answer.
    """
    if not code:
        return None
    name = code[:64].strip().lower()
    primary = re.split(r"[-_;,. ]", name, maxsplit=1)[0]
    short = _THREE_LETTERS.get(primary) or _NAMES.get(name) or primary
    short = _NEWER.get(short, short)
    return short if short in _ISO_639_1 else None
