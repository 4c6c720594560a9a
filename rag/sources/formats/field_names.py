"""Name the fields of an article: one table of what exports, notes and data sets call them, in their languages (pure).

A name is looked up without case, spaces, accents, hyphens and underscores, and without words that only say of what it
is the title, text or day (“news_content”, “Article Text”, “headline_text”).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

FIELDS = ("text", "title", "date", "author", "url", "source", "id")
"""The fields of an article, as records and front matter name them."""

OLDEST_NAMES: Mapping[str, str] = {
    "text": "text, body, content, article, full text, article body, story, main text, body text",
    "title": "title, headline, heading, subject, name",
    "url": "url, link, permalink, canonical url, web url, address, href",
    "id": "id, guid, slug, article id, uuid",
}
"""The names that ids are made of, the first that is there: what is added here changes the ids in people's indexes."""

_NAMES: Mapping[str, str] = {
    "text": f"""{OLDEST_NAMES["text"]}, content text, text content, plain text, body plain, content html, body html,
        html, source text, markdown, self text, document, transcript, paragraphs, blocks, message, post, tweet,
        review, comment, comment text, highlight, highlighted text, highlight text, quote, quotation, lead paragraph,
        abstract note, abstract, article full, Inhalt, Volltext, Artikel, Artikelinhalt, Artikeltext, Beitrag,
        Beitragstext, Fließtext, Nachricht, Meldung, texte, contenu, corps, corps du texte, texte intégral,
        contenu de l'article, texto, contenido, cuerpo, noticia, artículo, texto completo, cuerpo de la noticia,
        testo, contenuto, corpo, articolo, testo completo, notizia, conteúdo, artigo, notícia, matéria,
        corpo da notícia, tekst, inhoud, artikel, bericht, volledige tekst, brödtext, innehåll, indhold, brødtekst,
        innhold, teksti, sisältö, leipäteksti, treść, artykuł, treść artykułu, obsah, článek, szöveg, tartalom, cikk,
        conținut, articol, metin, içerik, haber, haber metni, κείμενο, περιεχόμενο, άρθρο, текст, содержание,
        содержимое, статья, текст статьи, текст новости, зміст, вміст, стаття, 正文, 内容, 內容, 文章, 全文, 文章内容,
        新闻内容, 本文, 記事, 記事本文, テキスト, 본문, 내용, 기사, 기사 내용, النص, نص, المحتوى, محتوى, المقال,
        نص المقال, טקסט, תוכן, כתבה, पाठ, सामग्री, लेख, متن, محتوا, متن خبر, isi, isi berita, teks, konten, nội dung,
        văn bản""",
    "title": """title, headline, heading, web title, main headline, head, head line, book title, titles, Titel,
        Überschrift, Schlagzeile, Artikelüberschrift, titre, gros titre, titre de l'article, título, titular,
        encabezado, titolo, intestazione, manchete, kop, krantenkop, koptekst, rubrik, tittel, overskrift, otsikko,
        tytuł, nagłówek, titulek, nadpis, název, cím, főcím, titlu, titlul, başlık, manşet, τίτλος, επικεφαλίδα,
        заголовок, название, назва, 标题, 標題, 题目, 題目, 新闻标题, タイトル, 見出し, 題名, 제목, 기사 제목,
        العنوان, عنوان, عنوان المقال, כותרת, शीर्षक, تیتر, judul, judul berita, tiêu đề""",
    "date": """date, published, published at, date published, publication date, pub date, day, posted, posted at,
        posted on, date posted, post date, issued, issue date, date issued, release date, released, date time,
        dc date, dc terms issued, first published, citation publication date, Datum, veröffentlicht,
        veröffentlicht am, Veröffentlichung, Veröffentlichungsdatum, Erscheinungsdatum, erschienen, erschienen am,
        Erscheinungstag, Publikationsdatum, Datum der Veröffentlichung, publiziert am, Tag, date de publication,
        publié, publié le, date de parution, paru le, parution, fecha, fecha de publicación, fecha publicación,
        publicado, publicado el, fecha de la noticia, data, data di pubblicazione, data pubblicazione, pubblicato,
        pubblicato il, data de publicação, data publicação, publicado em, data da publicação, data da notícia,
        publicatiedatum, datum van publicatie, gepubliceerd, gepubliceerd op, verschenen, publicerad,
        publiceringsdatum, dato, publisert, publiseringsdato, udgivet, udgivelsesdato, publiceret, päivämäärä,
        julkaistu, julkaisupäivä, julkaisupäivämäärä, data publikacji, opublikowano, datum publikace, publikováno,
        vydáno, datum vydání, dátum, megjelenés, megjelenés dátuma, közzététel dátuma, data publicării, publicat,
        publicat la, tarih, yayın tarihi, yayınlanma tarihi, yayımlanma tarihi, ημερομηνία, ημερομηνία δημοσίευσης,
        дата, дата публикации, опубликовано, дата выхода, дата публікації, опубліковано, 日期, 发布日期, 發布日期,
        发布时间, 發布時間, 出版日期, 发表日期, 日付, 公開日, 掲載日, 発行日, 投稿日, 配信日, 날짜, 게시일, 발행일,
        작성일, 입력일, 등록일, التاريخ, تاريخ, تاريخ النشر, תאריך, תאריך פרסום, तिथि, दिनांक, तारीख, प्रकाशन तिथि,
        تاریخ, تاریخ انتشار, tanggal, tanggal terbit, ngày, ngày đăng""",
    "author": """author, authors, by line, creator, writer, creators, by, written by, reporter, reporters, journalist,
        correspondent, contributor, contributors, columnist, book author, book authors, dc creator, posted by,
        writers, author full name, Autor, Autorin, Autoren, Autorinnen, Verfasser, Verfasserin, von, Redakteur,
        Redakteurin, Reporterin, auteur, auteurs, autrice, auteure, rédacteur, rédactrice, par, autora, autores, por,
        escrito por, redactor, periodista, autore, autori, giornalista, firma, di, escritor, jornalista, repórter,
        schrijver, schrijfster, door, författare, skribent, forfatter, journalister, kirjoittaja, tekijä, toimittaja,
        autorzy, autorka, dziennikarz, autoři, szerző, szerzők, autorul, yazar, muhabir, συγγραφέας, συντάκτης, автор,
        авторы, журналист, автори, 作者, 记者, 記者, 撰文, 著者, 執筆者, 筆者, ライター, 저자, 기자, 작성자, 글쓴이,
        الكاتب, كاتب, المؤلف, بقلم, מחבר, כתב, מאת, लेखक, संवाददाता, نویسنده, خبرنگار, penulis, pengarang, tác giả""",
    "url": f"""{OLDEST_NAMES["url"]}, uri, source url, source link, original url, resolved url, given url,
        external url, link url, canonical, expanded url, share url, web link, web address, internet address, origin,
        via, loc, location, website, web site, source, clipped from, reference, main entity of page, source uri, guid,
        amp url, Adresse, Webadresse, Internetadresse, Quelle, Verweis, Webseite, Fundstelle, lien, adresse web,
        adresse, site web, source de l'article, enlace, dirección, vínculo, fuente, página web, collegamento,
        indirizzo, fonte, sito web, ligação, endereço, koppeling, adres, bron, webadres, länk, lenke, källa, kilde,
        linkki, osoite, lähde, łącze, odnośnik, źródło, odkaz, adresa, zdroj, hivatkozás, webcím, forrás, legătură,
        sursa, sursă, bağlantı, adresi, kaynak, σύνδεσμος, πηγή, ссылка, адрес, источник, посилання, джерело, 链接,
        連結, 鏈接, 网址, 網址, 原文链接, 来源, 來源, リンク, アドレス, 出典, 링크, 주소, 출처, الرابط, رابط, المصدر,
        קישור, מקור, लिंक, स्रोत, لینک, پیوند, منبع, tautan, sumber, liên kết, nguồn""",
    "source": """source, publication title, publication name, container title, publisher, publication, outlet,
        newspaper, site name, site, journal, journal title, magazine, media, medium, media name, media outlet,
        provider, website, website name, website title, web site, host, host name, domain, domain name, source domain,
        site title, feed, feed title, channel, channel title, brand, news agency, agency, station, paper, blog title,
        og site name, dc publisher, news source, news outlet, Quelle, Herausgeber, Verlag, Zeitung, Zeitschrift,
        Publikation, Sender, Magazin, Nachrichtenagentur, Webseite, éditeur, journal, média, publié par,
        maison d'édition, revue, site web, fuente, medio, periódico, diario, editorial, revista,
        medio de comunicación, fonte, testata, giornale, editore, rivista, sito, sito web, veículo, jornal, editora,
        portal, bron, uitgever, krant, tijdschrift, nieuwsbron, källa, tidning, utgivare, kilde, avis, utgiver,
        udgiver, lähde, lehti, julkaisija, źródło, wydawca, gazeta, czasopismo, serwis, zdroj, vydavatel, noviny,
        deník, forrás, kiadó, újság, lap, sursa, sursă, editura, ziar, publicație, kaynak, yayıncı, gazete, πηγή,
        εκδότης, εφημερίδα, источник, издание, издатель, газета, сми, джерело, видання, видавець, 来源, 來源, 媒体,
        媒體, 出处, 出處, 报纸, 報紙, 出版社, 媒体名称, 出典, 媒体名, 新聞社, 発行元, 配信元, 新聞, 출처, 언론사,
        매체, 신문사, 발행처, المصدر, مصدر, الناشر, الصحيفة, מקור, עיתון, מוציא לאור, स्रोत, प्रकाशक, समाचार पत्र,
        अख़बार, منبع, ناشر, روزنامه, sumber, penerbit, media massa, nguồn, báo, nhà xuất bản""",
    "id": OLDEST_NAMES["id"],
}
"""What each field is called, the surest first. A name may stand for several fields: what it holds decides."""

_LESS_SURE: Mapping[str, str] = {
    "text": """summary, description, short description, excerpt, snippet, lead, lede, teaser, stand first, trail text,
        note, notes, annotation, selection, highlights, intro, synopsis, Zusammenfassung, Beschreibung, Kurzfassung,
        Anreißer, Notiz, résumé, chapô, extrait, resumen, descripción, entradilla, extracto, riassunto, sommario,
        descrizione, resumo, descrição, samenvatting, beschrijving, omschrijving, streszczenie, opis, popis, özet,
        краткое содержание, описание, 摘要, 简介, 概要, 要約, 요약, ملخص, تقدیم, सारांश""",
    "title": "subject, name, Betreff, Name, objet, asunto, oggetto, assunto, onderwerp, тема, 主题, 件名",
    "date": """created at, created, created utc, created on, create date, date created, creation date, time stamp,
        time, sent, sent at, seen date, date gmt, erstellt, erstellt am, Zeit, Zeitstempel, heure, hora, ora, tijd,
        время, 时间, 時間, 시간, الوقت""",
    "author": "published by, editor, user, user name, screen name, account, sender",
    "source": "published by, issued by",
}
"""Names that say so only in rows, and only where no surer one is there."""

_READING_LIST = set(
    "isarchived isstarred timeadded savedat dateadded readingprogress readingtime folder unread starred favorite "
    "favourite toread archived bookmarkedat lastread isread givenurl".split()
)
"""Columns that only lists of pages to be read have, whose days are those on which a page was put on the list."""
_ABOUT = set(
    "article articles news post story item entry page doc document original full main clean cleaned raw plain the "
    "translated complete web final edited display formatted first meta og dc dcterms".split()
)
"""Words that say of what a name is the title, text or day."""
_KIND = set("text string str value name names line content html raw rendered clean en de fr es it pt nl".split())
"""Words behind a name that say how its value is written."""
_DAY_WORDS = set("date time at on day datetime timestamp utc iso gmt".split())
_PUBLISHING = set("publish published publication publishing pub pubdate published_date issued posted".split())
_NOT_THE_DAY = set(
    "modified updated update modify accessed access added saved download downloaded crawl crawled scraped scrape "
    "retrieved fetched imported highlighted read last archived clipped".split()
)
_ANOTHER_DAY = set("birth born death died start end due expiry expires valid deadline until geburtstag".split())
_CONTAINERS = set(
    "fields data attributes article item node properties source metadata meta post tweet record doc document entry "
    "news story page payload info details params extra taxonomies frontmatter".split()
)
"""Objects in a record that are no field themselves but hold some."""
_WORD = re.compile(r"[^\W_]+")
_CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PLAIN_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_SURE_RANKS = 10_000
_MAX_NAME_CHARS = 100


class Candidate(NamedTuple):
    """A field that a name may stand for."""

    field: str
    rank: int
    """The less, the surer."""

    @property
    def is_sure(self) -> bool:
        """Whether the name says so in front matter too, and not only in a row."""
        return self.rank < _SURE_RANKS


@lru_cache(maxsize=10_000)
def find_fields(name: str) -> tuple[Candidate, ...]:
    """Find the fields that a name may stand for, by the table."""
    words = _split_words(_strip_containers(name))
    table = _compile_table()
    if found := table.get("".join(words)):
        return found
    if words and set(words) & _PUBLISHING and set(words) <= _PUBLISHING | _DAY_WORDS | _ABOUT:
        return (Candidate("date", _SURE_RANKS - 1),)
    shorter = _strip_words(words)
    return () if set(words) & _NOT_THE_DAY or not shorter else table.get("".join(shorter), ())


@lru_cache(maxsize=1_000)
def order_columns(columns: tuple[str, ...], *, only_sure: bool = False) -> dict[str, tuple[str, ...]]:
    """Order the columns that may hold each field, the surest first and those of objects in a record last."""
    ranked: dict[str, list[tuple[bool, int, int, int]]] = {field: [] for field in FIELDS}
    for place, column in enumerate(columns):
        for candidate in find_fields(column) if len(column) <= _MAX_NAME_CHARS else ():
            if candidate.is_sure or not only_sure:
                key = (not candidate.is_sure, column.count("."), candidate.rank, place)
                ranked[candidate.field].append(key)
    if ranked["url"] and is_reading_list(columns):
        for field in ("text", "date"):
            ranked[field] = [key for key in ranked[field] if not key[0]]
    return {field: tuple(columns[place] for *_, place in sorted(found)) for field, found in ranked.items()}


def oldest_name(field: str, columns: Iterable[str]) -> str:
    """Return the column that ids are made of, by the oldest names of a field; empty where there is none."""
    known = {normalise_name(column): column for column in reversed(list(columns)) if len(column) <= _MAX_NAME_CHARS}
    return next((known[name] for name in _oldest_names(field) if name in known), "")


@lru_cache(maxsize=10_000)
def hinted_fields(name: str) -> frozenset[str]:
    """Return the fields of which a word of a name speaks, or two words that follow each other."""
    words = _split_words(_strip_containers(name))
    table = _compile_table()
    parts = (*words, *(first + second for first, second in pairwise(words)))
    return frozenset(found.field for part in parts for found in table.get(part, ()) if found.is_sure)


def says_another_day(name: str) -> bool:
    """Whether a name speaks of a day that is not that of publication."""
    return bool(set(_split_words(name)) & (_NOT_THE_DAY | _ANOTHER_DAY))


def is_container(name: str) -> bool:
    """Whether an object of this name holds fields and is none itself."""
    return normalise_name(name) in _CONTAINERS


@lru_cache(maxsize=10_000)
def normalise_name(name: str) -> str:
    """Normalise a name: one word without case, accents and marks."""
    return "".join(_split_words(name))


def is_reading_list(columns: Iterable[str]) -> bool:
    """Whether the columns are those of a list of pages that somebody saved, and of no articles."""
    return any(normalise_name(column) in _READING_LIST for column in columns if len(column) <= _MAX_NAME_CHARS)


@lru_cache(maxsize=1)
def _compile_table() -> dict[str, tuple[Candidate, ...]]:
    """Compile the table: the candidates for each normalised name."""
    table: dict[str, dict[str, int]] = {}
    for names, base in ((_NAMES, 0), (_LESS_SURE, _SURE_RANKS)):
        for field, listed in names.items():
            for rank, name in enumerate(_listed_names(listed), base):
                table.setdefault(name, {}).setdefault(field, rank)
    return {name: tuple(Candidate(*found) for found in fields.items()) for name, fields in table.items()}


def _listed_names(listed: str) -> Iterator[str]:
    """Yield the names of a list in normal form, those with an umlaut also as they are written without."""
    for name in listed.split(","):
        yield normalise_name(name)
        if (spelled := unicodedata.normalize("NFC", name).casefold().translate(_UMLAUTS)) != name.casefold():
            yield normalise_name(spelled)


@lru_cache(maxsize=8)
def _oldest_names(field: str) -> tuple[str, ...]:
    return tuple(map(normalise_name, OLDEST_NAMES[field].split(",")))


def _split_words(name: str) -> list[str]:
    """Split a name into its words, in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", _CAMEL_CASE.sub(" ", name)).casefold().translate(_PLAIN_LETTERS)
    return _WORD.findall("".join(character for character in plain if not unicodedata.combining(character)))


def _strip_containers(name: str) -> str:
    """Strip the objects in which a dotted name lies."""
    parts = name.split(".")
    while len(parts) > 1 and is_container(parts[0]):
        del parts[0]
    return ".".join(parts)


def _strip_words(words: Sequence[str]) -> list[str]:
    """Strip the words around a name that say what it is of and how it is written."""
    kept = list(words)
    while len(kept) > 1 and kept[0] in _ABOUT:
        del kept[0]
    while len(kept) > 1 and kept[-1] in _KIND and "".join(kept) not in _compile_table():
        del kept[-1]
    return kept
