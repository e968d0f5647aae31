# ruff: noqa: RUF001  notices in Russian
import pytest

from pipeline.flattened.furniture import drop_furniture, is_call, is_consent, is_label, opens_tail

BODY = "The lower bridge was closed before dawn.\n\nSchools will open again on Monday, the mayor said."

NOTICES = [
    "We use cookies to improve your experience on our website. By continuing you agree to our cookie policy.",
    "Wir verwenden Cookies, um Inhalte zu personalisieren. Details finden Sie in den Einstellungen und im Datenschutz.",
    "Nous utilisons des cookies pour améliorer votre navigation. Vous pouvez paramétrer vos choix.",
    "Utilizamos cookies propias y de terceros. Si continúa navegando, acepta su uso.",
    "Utilizziamo i cookie per migliorare la navigazione. Continuando accetti la nostra informativa.",
    "Este site usa cookies. Ao continuar, você concorda com a nossa política de privacidade.",
    "Ta strona korzysta z plików cookies. Możesz zmienić ustawienia przeglądarki.",
    "Мы используем файлы cookie. Продолжая, вы соглашаетесь с политикой конфиденциальности.",
    "本网站使用 cookie。继续浏览即表示您同意我们的隐私政策。",
    "当サイトではクッキーを利用しています。続けると同意したものとみなします。",
]
LABELS = [
    *("Show more", "READ MORE »", "Advertisement", "Mehr anzeigen", "Anzeige", "Lire la suite", "Publicité"),
    *("Leer más", "Publicidad", "Leggi tutto", "Pubblicità", "Leia mais", "Publicidade", "Czytaj więcej", "Reklama"),
    *("Читать далее", "Реклама", "查看更多", "广告", "もっと見る", "広告"),
]


@pytest.mark.parametrize("notice", NOTICES)
def test_a_cookie_notice_goes_from_the_top_and_from_the_end(notice):
    """Consent is asked for in ten languages, above an article and below it."""
    assert is_consent(notice)
    assert drop_furniture(f"{notice}\n\n{BODY}") == (BODY, len(notice) + 2)
    assert drop_furniture(f"{BODY}\n\n{notice}")[0] == BODY


@pytest.mark.parametrize("label", LABELS)
def test_a_button_goes_wherever_it_stands(label):
    """Labels of buttons and advertisements are no sentences of the article."""
    assert is_label(label)
    first, second = BODY.split("\n\n")
    assert drop_furniture(f"{first}\n\n{label}\n\n{second}")[0] == BODY


@pytest.mark.parametrize(
    "call",
    [
        "Share this article on any network",
        "Follow us on Elephant",
        "Abonnez-vous à notre lettre",
        "关注我们",
        "Síguenos en Elefante",
    ],
)
def test_a_call_to_share_or_follow_goes(call):
    """What asks the reader to do something elsewhere is no part of the text."""
    assert is_call(call)
    assert drop_furniture(f"{BODY}\n\n{call}")[0] == BODY


def test_a_heading_of_nothing_goes_from_the_end():
    """Headings that nothing follows head nothing; the same words above a paragraph stay."""
    assert drop_furniture(f"{BODY}\n\nRestrictions\n\nRelated articles\n\nShow more")[0] == BODY
    described = f"Description\n\n{BODY}"
    assert drop_furniture(described) == (described, 0)


def test_an_article_about_cookies_keeps_all_it_says():
    """A text that speaks of cookies in several places is about them."""
    paragraphs = [
        "Regulators want websites to ask for consent before they store cookies on your device.",
        "“We use cookies to remember your preferences,” a shop's website said, but few accept the settings.",
        "Most visitors accept all cookies on a website because the settings are hidden, a study of consent found.",
        "A cookie policy that nobody reads, the authority wrote, is no consent to cookies on any website.",
    ]
    text = "\n\n".join(paragraphs)
    assert drop_furniture(text) == (text, 0)


def test_a_sentence_on_cookies_in_the_middle_of_an_article_stays():
    """Notices stand at a page's ends."""
    lines = [f"Sentence number {i} of a long report on the bakery." for i in range(20)]
    lines[10] = "We use cookies as gifts, and you accept that our website sells them."
    text = "\n".join(lines)
    assert drop_furniture(text) == (text, 0)


@pytest.mark.parametrize(
    "line", ["Comments (12)", "Related articles", "Mehr zum Thema", "À lire aussi", "相关阅读", "Tags:"]
)
def test_a_heading_of_what_follows_an_article_is_known(line):
    """Comments and related articles open an article's tail."""
    assert opens_tail(line)


@pytest.mark.parametrize(
    "text", ["cookie " * 300_000, "Show more\n" * 100_000, "share this " * 200_000, "subscribe to our x" * 50_000]
)
def test_hostile_text_is_read_to_its_end(text):
    """Megabytes of one kind take time in proportion, within the suite's limit."""
    kept, removed = drop_furniture(text)
    assert len(kept) + removed == len(text)
