# ruff: noqa: RUF001  pages in Russian
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.flattened.extract import read_flattened

SEED = Path(__file__).parents[4] / "shared/data/seed/000_9c08d26b016e4ecf.txt"
FETCHED = datetime(2025, 1, 1, tzinfo=UTC)
PAGES = {
    "en": {
        "notice": "This website uses cookies. Some are necessary, others improve your experience. Open settings.",
        "title": "Lower bridge closed as river rises in the valley",
        "date": ("Lowtown, Valley", "May 3, 2024 at 18:30 GMT +00:00 · Published"),
        "labels": ("Show more", "Description", "Restrictions", "Top downloads in last 24 hours"),
        "body": (
            "The lower bridge was closed before dawn on Friday, when the river had risen by two metres overnight.",
            "“We have seen worse,” said the mayor, who spoke from the town hall, where the light had failed at four.",
            "Nobody was hurt, according to the fire service, and the pumps of the old town ran by six o'clock.",
            "Schools will open again on Monday, and the bridge a day later, if the river falls as forecasters expect.",
        ),
    },
    "de": {
        "notice": "Wir verwenden Cookies. Ihre Einwilligung können Sie in den Einstellungen ändern.",
        "title": "Untere Brücke im Tal nach Hochwasser gesperrt",
        "date": ("Talstadt", "Veröffentlicht: 03.05.2024, 18:30 Uhr"),
        "labels": ("Mehr anzeigen", "Beschreibung", "Mehr zum Thema", "Meistgelesen"),
        "body": (
            "Die untere Brücke im Tal wurde am Freitag vor Sonnenaufgang gesperrt, weil der Fluss um zwei Meter stieg.",
            "„Wir haben Schlimmeres gesehen“, sagte die Bürgermeisterin im Rathaus, in dem um vier das Licht ausfiel.",
            "Verletzt wurde nach Angaben der Feuerwehr niemand, und die Pumpen in der Altstadt liefen ab sechs Uhr.",
            "Die Schulen öffnen am Montag wieder, die Brücke einen Tag später, wenn das Hochwasser zurückgeht.",
        ),
    },
    "es": {
        "notice": "Utilizamos cookies para mejorar su experiencia. Puede aceptar su uso o cambiar la configuración.",
        "title": "Cierran el puente del valle por la crecida del río",
        "date": ("Villabaja", "Publicado: 3 de mayo de 2024, 18:30"),
        "labels": ("Mostrar más", "Descripción", "Te puede interesar", "Lo más leído"),
        "body": (
            "El puente del valle fue cerrado el viernes antes del amanecer, cuando el río había subido dos metros.",
            "«Hemos visto cosas peores», dijo la alcaldesa en el ayuntamiento, donde la luz se había ido a las cuatro.",
            "Nadie resultó herido, según los bomberos, y las bombas del casco antiguo funcionaban ya a las seis.",
            "Las escuelas abrirán de nuevo el lunes, y el puente un día después, si baja la crecida como se espera.",
        ),
    },
    "ru": {
        "notice": "Мы используем файлы cookie. Продолжая пользоваться сайтом, вы соглашаетесь с их использованием.",
        "title": "Нижний мост в долине закрыли из-за подъёма реки",
        "date": ("Долинск", "Опубликовано: 3 мая 2024, 18:30"),
        "labels": ("Показать ещё", "Описание", "Читайте также", "Самое читаемое"),
        "body": (
            "Нижний мост в долине закрыли в пятницу до рассвета, когда вода в реке за ночь поднялась на два метра.",
            "«Мы видели и худшее», — сказала мэр города в ратуше, где в четыре часа утра погас свет во всех залах.",
            "По словам пожарных, никто не пострадал, а насосы в старом городе заработали уже к шести часам утра.",
            "Школы снова откроются в понедельник, а мост — днём позже, если подъём реки прекратится, как ожидают.",
        ),
    },
    "zh": {
        "notice": "本网站使用 cookie 来改善您的浏览体验。继续浏览即表示您同意我们的隐私政策。",
        "title": "河水上涨,山谷下游大桥关闭",
        "date": ("下城", "发布时间:2024年5月3日 18:30"),
        "labels": ("显示更多", "相关阅读", "热门推荐", "评论"),
        "body": (
            "星期五黎明之前,河水一夜之间上涨了两米,山谷下游的大桥对所有车辆和行人关闭,警察在两岸值守。",
            "市长在市政厅对记者说,我们见过比这更糟的情况,那里的灯在凌晨四点钟就已经全部熄灭了。",
            "消防部门表示,没有人在这次河水上涨中受伤,老城区的水泵在早上六点之前就已经开始运转。",
            "学校将在星期一重新开放,如果河水像预报的那样回落,大桥将在一天之后恢复通行。",
        ),
    },
}


def flatten(page, *, blank="\n\n"):
    """A page as a scraper flattens it: a notice on top, the title with a duration, labels, the body twice."""
    first, second, third, fourth = page["labels"]
    body = blank.join(page["body"])
    top = "\n".join((page["notice"], page["title"] + "04:12", fourth, first, second))
    middle = "\n".join((page["title"], "", *page["date"]))
    return f"{top}\n\n{body}\n\n{middle}\n\n{body}\n\n{third}\n\n{fourth}\n{first}"


@pytest.mark.parametrize("language", PAGES)
def test_a_page_printed_twice_gives_its_body_once(language):
    """Of notice, title, labels, dateline and two bodies the paragraphs are the text, once and in order."""
    page = PAGES[language]
    article = read_flattened(flatten(page), fetched_at=FETCHED)
    assert article.text == "\n\n".join(page["body"])
    assert article.title == page["title"]
    assert article.published_at == datetime(2024, 5, 3, 18, 30, tzinfo=UTC)
    assert article.removed["repeats"] > 0


@pytest.mark.parametrize("language", PAGES)
def test_a_page_without_blank_lines_keeps_its_paragraphs(language):
    """Where the scraper printed a line a paragraph, a line a paragraph comes out."""
    page = PAGES[language]
    article = read_flattened(flatten(page, blank="\n"), fetched_at=FETCHED)
    assert article.text == "\n".join(page["body"])


def test_menus_bylines_and_the_foot_are_no_text():
    """What stands around an article says who wrote it, and when, and goes."""
    page = PAGES["en"]
    menu = ["The Valley Paper", "Home", "News", "Sport", "Culture", "Weather", "Jobs", "Log in"]
    foot = [
        "Related articles",
        "Bakery wins a prize",
        "Five walks in the hills",
        "About us",
        "Contact",
        "© 2024 The Valley Paper",
    ]
    text = "\n".join([*menu, page["title"], "By Mara Quill", "3 May 2024", *page["body"], *foot])
    article = read_flattened(text, fetched_at=FETCHED)
    assert article.text == "\n".join(page["body"])
    assert (article.title, article.authors) == (page["title"], ("Mara Quill",))
    assert article.published_at == datetime(2024, 5, 3, tzinfo=UTC)


def test_what_stands_above_a_label_above_the_text_goes():
    """A credit or a restriction above "Description" belongs to the page, a heading above the text to the article."""
    page = PAGES["en"]
    credit = "Mandatory credit: the town archive of Lowtown; no use on social media, in print or on the air"
    text = "\n".join([page["title"], "Restrictions", credit, "Description", *page["body"]])
    assert read_flattened(text, fetched_at=None).text == "\n".join(page["body"])


def test_plain_prose_comes_out_as_it_is():
    """A text with nothing around it loses nothing."""
    body = "\n\n".join(PAGES["en"]["body"])
    article = read_flattened(body, fetched_at=None)
    assert (article.text, article.title, article.removed) == (body, None, {})


@pytest.mark.parametrize("text", ["", " \n\t\n", "\u200b\ufeff", "\x00"])
def test_nothing_gives_nothing(text):
    """A page of blanks is an empty article, not an error."""
    assert read_flattened(text, fetched_at=None).text == ""


@given(st.text(alphabet=st.sampled_from("ab AB.,\n\n1:/©好。\u0301\ud800By…")))
def test_any_text_gives_an_article_of_its_own_lines(text):
    """Nothing is invented: each line of the article is a line of the page."""
    article = read_flattened(text, fetched_at=FETCHED)
    assert article == read_flattened(text, fetched_at=FETCHED)
    assert len(article.text) <= len(text)
    assert all(count > 0 for count in article.removed.values())


@pytest.mark.parametrize(
    "text",
    [
        ".\n" * 400_000,
        "2023-11-26 22:13 Published\n" * 40_000,
        "By Jane Doe\n" * 80_000,
        "word " * 400_000,
        "Comments\n" * 100_000,
        "a\u0301\u0323" * 300_000,
    ],
    ids=["full stops", "dates", "bylines", "one line", "headings", "marks"],
)
def test_hostile_text_is_read_to_its_end(text):
    """Megabytes of one kind take time in proportion, within the suite's limit."""
    assert len(read_flattened(text, fetched_at=FETCHED).text) <= len(text)


@pytest.mark.skipif(not SEED.exists(), reason="the example page is not on this machine")
def test_the_example_page_comes_out_exactly():
    """Eight paragraphs, once and in order, with title and time, and nothing else."""
    raw = SEED.read_text()
    body = raw.split("Description\n\n")[1].split("\n\n'No one's")[0]
    article = read_flattened(raw, fetched_at=None)
    assert article.text == body
    assert article.text.count("\n\n") == 7
    assert article.title == raw.split("\n")[1].removesuffix("04:12")
    assert article.published_at == datetime(2023, 11, 26, 22, 13, tzinfo=UTC)
