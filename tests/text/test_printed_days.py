import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.month_names import to_plain
from rag.text.printed_days import find_printed_days, read_dateline

LINES = """
March 5, 2024 10:00 am ET
Tuesday, March 5th, 2024 at 10:00 a.m. EST
First published on Tue 5 Mar 2024 10.00 GMT
Updated March 6, 2024 | Published March 5, 2024
10:00, 5 March 2024
5th of March 2024
Tue Mar  5 10:00:00 EST 2024
Tue, 05 Mar 2024 23:30:00 -0800
2024-03-05T23:30:00-08:00
2024-03-05 00:10:00+09:00
05-Mar-2024
5-Mar-24
2024/03/05 10:00
Erschienen am Dienstag, den 5. März 2024 um 10:00 Uhr
5. März 2024, 10.00 Uhr
Dienstag, 05.03.2024, 10:00 Uhr
Veröffentlicht: 5.3.2024
Publié le mardi 5 mars 2024 à 10h00
Mis à jour le 6 mars 2024 à 11h, publié le 5 mars 2024
MARDI 5 MARS 2024 À 10H00
El 5 de marzo del 2024 a las 10:00 h
Publicado el 5 de marzo de 2024
Pubblicato il 5 marzo 2024 alle ore 10:00
5 de março de 2024 às 10h00
Publicado em 5 mar. 2024, 10h
Gepubliceerd op dinsdag 5 maart 2024 om 10.00 uur
Opublikowano: wtorek, 5 marca 2024 r., godz. 10:00
Вторник, 5 марта 2024 года, 10:00 МСК
Опубликовано 5 марта 2024 г. в 10:00
Опубліковано: 5 березня 2024 року
Yayınlanma: 5 Mart 2024 Salı, 10:00
نُشر في ٥ مارس ٢٠٢٤
آخر تحديث: 6 مارس 2024، تاريخ النشر 5 مارس/آذار 2024
5 آذار 2024
2024年3月5日
公開日 2024年3月5日（火）10:00
令和6年3月5日 午前10時
发布时间：2024年03月05日 10:00
二〇二四年三月五日
民國113年3月5日
입력 2024.03.05. 오전 10:00
2024년 3월 5일
Publicerad 5 mars 2024 kl 10.00
Tirsdag den 5. marts 2024 kl. 10.00
5. maaliskuuta 2024
Publikováno: 5. 3. 2024 10:00
Úterý 5. března 2024
2024. március 5., kedd
Marți, 5 martie 2024, ora 10:00
Δημοσιεύθηκε: 5 Μαρτίου 2024, 10:00
5 במרץ 2024
5 मार्च 2024
5 มีนาคม 2567
5 มี.ค. 2567
Selasa, 5 Maret 2024 10:00 WIB
Thứ Ba, ngày 5 tháng 3 năm 2024
2024 m. kovo 5 d.
2024. gada 5. marts
""".strip().splitlines()


@pytest.mark.parametrize("line", LINES)
def test_lines_of_a_day_alone_are_read_in_many_languages(line: str) -> None:
    dateline = read_dateline(line)
    assert dateline is not None
    assert (dateline.day.day, dateline.day.other, dateline.rest, dateline.is_updated) == ("2024-03-05", "", "", False)


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("By Li Wu | March 5, 2024", "By Li Wu"),
        ("Castell, 5 March 2024", "Castell"),
        ("Anna Weber, 05.03.2024", "Anna Weber"),
        ("MARCH 5, 2024 / 10:00 AM / CBS", "CBS"),
        ("Posted on March 5, 2024 by Ann", "by Ann"),
        ("The dam broke on March 5, 2024, and 12 people fled.", "The dam broke and 12 people fled"),
    ],
)
def test_what_else_a_line_says_is_left(line: str, rest: str) -> None:
    dateline = read_dateline(line)
    assert dateline is not None and dateline.day.day == "2024-03-05"
    assert " ".join(dateline.rest.replace(",", " ").split()) == rest


@pytest.mark.parametrize(
    "line",
    [
        *("", "March 2024", "5 March", "2024", "March 5", "yesterday", "In 2024, 15 people drowned.", "1.2.3.2024"),
        *(
            "10:30:2024",
            "31 February 2024",
            "2024-13-45",
            "15 bridges 2024",
            "+49 30 2024 11",
            "1704449000",
            "0-0-2024",
        ),
    ],
)
def test_what_is_no_complete_day_is_none(line: str) -> None:
    assert read_dateline(line) is None


@pytest.mark.parametrize(
    ("line", "order", "day", "other"),
    [
        ("03/04/2024", "", "2024-03-04", "2024-04-03"),
        ("03/04/2024", "day", "2024-04-03", ""),
        ("03/04/2024", "month", "2024-03-04", ""),
        ("03-04-24", "day", "2024-04-03", ""),
        ("24/03/04", "year", "2024-03-04", ""),
        ("13/04/2024", "", "2024-04-13", ""),
        ("04/13/2024", "day", "2024-04-13", ""),
        ("04/04/2024", "", "2024-04-04", ""),
        ("03.04.2024", "", "2024-04-03", ""),
    ],
)
def test_a_day_of_numbers_may_mean_two_days(line: str, order: str, day: str, other: str) -> None:
    [found] = find_printed_days(line, order)  # type: ignore[arg-type]
    assert (found.day, found.other) == (day, other)


def test_a_line_of_changes_alone_says_so() -> None:
    dateline = read_dateline("Zuletzt aktualisiert am 5. März 2024")
    assert dateline is not None and dateline.is_updated and dateline.is_stamped and not dateline.rest


@given(st.text(max_size=60))
def test_plain_text_keeps_every_character_in_its_place(text: str) -> None:
    assert len(to_plain(text)) == len(text)


@given(st.text(alphabet="0123456789/.-: JanMay,年月日hTZ+令和", max_size=24))
def test_found_days_lie_in_the_text(text: str) -> None:
    for found in find_printed_days(text):
        assert 0 <= found.start < found.end <= len(text)
        assert len(found.day) == 10
