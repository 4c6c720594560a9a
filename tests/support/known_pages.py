"""Pages whose article is known: stories in several languages, each in the markup of several kinds of sites."""

import html
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """What a reader sees as the article."""

    slug: str
    title: str
    authors: tuple[str, ...]
    stamp: str
    site: str
    paragraphs: tuple[str, ...]
    language: str = "en"

    @property
    def day(self) -> str:
        return self.stamp[:10]

    @property
    def url(self) -> str:
        host = "".join(self.site.lower().split()) if self.site.isascii() else self.language
        return f"https://www.{host}.example.com/{self.day.replace('-', '/')}/{self.slug}"

    @property
    def body(self) -> str:
        return "\n\n".join(self.paragraphs)


STORIES = (
    Story("locks-reopen", "Old canal locks open again after nine years of repairs", ("Ann Lee",),
          "2024-01-05T10:00:00+01:00", "Canal Press", (
        "The gates of the upper lock swung open on Friday morning for the first time in nine years, and forty boats "
        "went through before noon. Keepers had spent the night oiling the new hinges by lamplight.",
        "“Nobody expected so many of them,” said Mayor Petra Holm, who watched from the bridge. She promised that the "
        "harbour would stay open until the end of the month, whatever the ice did.",
        "The repairs cost 4.2 million crowns, about a third more than planned. Divers had found rotten oak beams under "
        "the chamber floor, which nobody had seen since the locks were dug in 1824.",
        "A second pair of gates is to follow in the autumn. Until then, barges over 60 tonnes must wait at the lower "
        "basin and pass one at a time.")),
    Story("bees-on-roofs", "Why the city counts its bees: a census on three hundred roofs", ("Jane Okafor", "Tom Rask"),
          "2023-06-18T07:15:00Z", "Harbour Times", (
        "Every June, ninety volunteers climb onto the roofs of the old town with clickers in their hands. They count "
        "the bees that leave each hive in ten minutes, and send the figure by postcard.",
        "This year the number rose by a fifth. The botanist who began the census in 2009, Ilse Brandt, puts it down to "
        "a wet spring and to the lime trees along the new tram line.",
        "Not everyone is glad. Beekeepers outside the walls say that the city hives take pollen from wild species, and "
        "they asked the council in May to stop handing out licences.",
        "The council will vote in September. Brandt says that she will go on counting whatever it decides: a series "
        "that is broken off, she says, tells nothing at all.")),
    Story("ferry-strike-ends", "Ferry crews end strike", ("Omar Haddad",), "2024-03-02T18:40:00-05:00", "Island Wire", (
        "Ferry crews on the northern islands went back to work on Saturday after eleven days. Their union accepted a "
        "raise of 6 percent and two more days of rest each month.",
        "The first boat left at noon with 212 passengers. The company expects a normal timetable from Monday on.")),
    Story("cookies-court", "Court limits cookies on municipal websites", ("Lena Vogt",), "2024-02-11T09:00:00+00:00",
          "Harbour Times", (
        "Town halls may no longer set cookies before a visitor agrees, an appeals court ruled on Tuesday. Banners that "
        "hide the button for refusing are unlawful too, the judges said.",
        "The case was brought by a teacher who wanted to look up the opening hours of a swimming pool. The town has "
        "until June to change its pages, and announced that it would not appeal.")),
    Story("missing-page-museum", "Page not found: a museum collects the web’s lost addresses", ("Ruth Abel",),
          "2022-11-30T12:30:00+00:00", "Canal Press", (
        "In a former bank, two archivists collect what is not there. Their museum shows 404 pages, more than six "
        "thousand of them, from banks and bakeries, ministries and bands.",
        "“An error page is the only page that nobody is meant to read,” said its founder, Noor Claassen. “So people "
        "are honest there.” The oldest one dates from 1995 and says only: gone fishing.",
        "Entry is free on Sundays. The museum’s own website, visitors noticed, was out of order last week.")),
    Story("brueckenbau", "Neue Brücke über die Mühlaue wird später fertig", ("Jörg Weißmann",),
          "2024-04-09T16:05:00+02:00", "Auenbote", (
        "Die neue Brücke über die Mühlaue wird erst im nächsten Frühjahr fertig. Im Flussbett liegen mehr Felsen, als "
        "die Probebohrungen gezeigt hatten, teilte das Bauamt am Dienstag mit.",
        "Die Kosten steigen um 800.000 Euro auf 5,1 Millionen Euro. Den größeren Teil übernimmt das Land, den Rest "
        "trägt die Gemeinde aus ihren Rücklagen.",
        "Bis dahin fährt die Fähre häufiger, werktags alle zwanzig Minuten. Radfahrer zahlen weiterhin nichts."), "de"),
    Story("marche-couvert", "Le marché couvert rouvre sans ses poissonniers", ("Hélène Prévost",),
          "2023-09-22T06:00:00+02:00", "La Gazette du Quai", (
        "Le marché couvert a rouvert jeudi après deux ans de travaux, mais les poissonniers n’y sont pas revenus. Les "
        "nouveaux loyers, disent-ils, dépassent ce que rapporte une saison de pêche.",
        "La mairie propose un étal commun à moitié prix pendant six mois. Les sept familles concernées répondront "
        "avant la fin du mois d’octobre.",
        "Sous la verrière refaite, quarante-deux commerçants ont repris leur place dès le premier matin."), "fr"),
    Story("miyah", "إعادة فتح محطة المياه القديمة في المدينة", ("ليلى حداد",), "2024-05-14T11:20:00+03:00",
          "صحيفة الميناء", (
        "أعيد فتح محطة المياه القديمة صباح الثلاثاء بعد إصلاحات استمرت سبع سنوات، وعادت المياه إلى ثلاثة أحياء في شرق "
        "المدينة قبل الظهر.",
        "وقالت رئيسة البلدية إن الأعمال كلفت أربعة ملايين، وإن الشبكة الجديدة تكفي ستين ألف ساكن على الأقل في الصيف.",
        "ومن المقرر أن تبدأ المرحلة الثانية في الخريف، وتشمل تجديد الخزانات وبناء محطة صغيرة للطاقة الشمسية."), "ar"),
    Story("yunhe", "旧运河船闸时隔九年重新开放", ("李明",), "2024-01-06T08:30:00+08:00", "运河日报", (
        "周五早晨，上游船闸九年来首次开启，中午之前有四十艘船通过。管理人员连夜为新的铰链上油，直到天亮才离开。",
        "市长表示，没有人料到会来这么多船。港口将一直开放到月底，工程费用比原计划多出三分之一，达到四百二十万元。",
        "第二对闸门将在秋季安装完毕。在此之前，六十吨以上的驳船必须在下游水池等候，每次只能通过一艘。"), "zh"),
)  # fmt: skip


def _e(text: str) -> str:
    return html.escape(text)


def _ps(story: Story) -> str:
    return "".join(f"<p>{_e(paragraph)}</p>\n" for paragraph in story.paragraphs)


_MENU = "<nav><ul>" + "".join(f'<li><a href="/{name.lower()}">{name}</a></li>' for name in (
    "Home", "World", "Culture", "Sport", "Opinion", "Subscribe", "Log in")) + "</ul></nav>"  # fmt: skip
_RELATED = '<aside class="related"><h3>More stories</h3>' + "".join(
    f'<div class="card"><a href="/more/{number}"><h4>{title}</h4></a></div>' for number, title in enumerate((
        "Harbour seals return to the northern pier", "Council debates the price of tram tickets",
        "A baker wins the marathon by four minutes", "Old cinema to become a library in spring",
        "Farmers count the cost of a dry winter", "Two lighthouses are sold to the same "
                                                  "buyer"))) + "</aside>"  # fmt: skip
_BANNER = ('<div id="cookie-banner" class="cookie-consent" role="dialog"><p>We and our partners use cookies to store '
           "information on your device.</p><button>Accept all</button><button>Manage preferences</button>"
           "</div>")  # fmt: skip
_FOOT = "<footer><p>Copyright 2019-2025. All rights reserved.</p><a href='/imprint'>Imprint</a></footer>"
_COMMENTS = ('<section id="comments" class="comments-area"><h3>2 comments</h3><ol class="comment-list"><li>'
             "<p>I walked past it yesterday and it looked very different from here.</p></li><li><p>Well said, "
             "neighbour, and thanks for the report.</p></li></ol></section>")  # fmt: skip


def _page(story: Story, head: str, body: str) -> str:
    turned = ' dir="rtl"' if story.language == "ar" else ""
    return (f'<!DOCTYPE html><html lang="{story.language}"{turned}><head><meta charset="utf-8">{head}</head>'
            f"<body>{body}</body></html>")  # fmt: skip


def _ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value, ensure_ascii=False)}</script>'


def _news(story: Story, **more: object) -> dict[str, object]:
    people = [{"@type": "Person", "name": name, "url": f"/by/{name}"} for name in story.authors]
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": story.title,
            "datePublished": story.stamp, "author": people, "mainEntityOfPage": story.url,
            "publisher": {"@type": "Organization", "name": story.site}, **more}  # fmt: skip


def wordpress(story: Story) -> str:
    """A blog engine with an SEO plugin: a graph whose parts refer to each other, other people among them."""
    graph = [
        {"@type": "Article", "@id": f"{story.url}#article", "headline": _e(story.title), "datePublished": story.stamp,
         "dateModified": story.stamp, "author": [{"@id": f"#person-{name}"} for name in story.authors],
         "publisher": {"@id": "#org"}, "isPartOf": {"@id": story.url}},
        {"@type": "WebPage", "@id": story.url, "url": story.url, "name": f"{story.title} - {story.site}"},
        {"@type": "Organization", "@id": "#org", "name": f"{story.site}"},
        *({"@type": "Person", "@id": f"#person-{name}", "name": name} for name in story.authors),
        {"@type": "Person", "@id": "#person-founder", "name": "Walter Gründer"},
    ]  # fmt: skip
    head = (f"<title>{_e(story.title)} - {_e(story.site)}</title><link rel='canonical' href='{story.url}'>"
            f"<meta property='og:title' content='{_e(story.title)} - {_e(story.site)}'>"
            f"<meta property='og:site_name' content='{_e(story.site)}'>"
            f"<link rel='alternate' type='application/rss+xml' href='/feed/'>"
            + _ld({"@context": "https://schema.org", "@graph": graph}))  # fmt: skip
    body = (f"{_MENU}<main><article class='post'><header class='entry-header'><h1 class='entry-title'>{_e(story.title)}"
            f"</h1><div class='entry-meta'>Posted on <time class='entry-date' datetime='{story.stamp}'>"
            f"{story.day}</time>"
            f" by <span class='author vcard'>{_e(story.authors[0])}</span></div></header><div class='entry-content'>"
            f"{_ps(story)}</div><footer class='entry-footer'>Posted in <a href='/c'>Town</a></footer></article>"
            f"{_COMMENTS}</main>{_RELATED}{_FOOT}{_BANNER}")  # fmt: skip
    return _page(story, head, body)


def drupal(story: Story) -> str:
    """Fields in nested divs, meta tags and no JSON-LD; a search box and a login block on the side."""
    head = (f"<title>{_e(story.title)} | {_e(story.site)}</title><link rel='canonical' href='{story.url}'>"
            f"<meta property='og:site_name' content='{_e(story.site)}'><meta property='og:type' content='article'>"
            f"<meta property='og:title' content='{_e(story.title)}'>"
            f"<meta property='article:published_time' content='{story.stamp}'>"
            f"<meta name='author' content='{_e(' and '.join(story.authors))}'>")  # fmt: skip
    side = (
        "<div class='region-sidebar'><form id='user-login'><label>Username</label><input type='text'>"
        "<label>Password</label><input type='password'><a href='/user/password'>Forgot your password?</a></form></div>"
    )
    body = (f"<div class='region-header'>{_MENU}</div><div id='content'><h1 class='page-title'>{_e(story.title)}</h1>"
            "<div class='node node--type-article'><div class='field field--name-field-byline'>"
            f"{_e(story.authors[0])}</div>"
            f"<div class='field field--name-body field__item'>{_ps(story)}</div></div></div>"
            f"{side}{_RELATED}{_FOOT}")  # fmt: skip
    return _page(story, head, body)


def newspaper(story: Story) -> str:
    """JSON-LD of a newspaper, a title for sharing, teasers between the paragraphs and a cookie banner on top."""
    head = (f"<title>{_e(story.title)} – {_e(story.site)}</title><link rel='canonical' href='{story.url}'>"
            f"<meta property='og:title' content='You will not believe this | {_e(story.site)}'>"
            f"<meta name='description' content='A teaser that is not in the text.'>{_ld([_news(story)])}")  # fmt: skip
    first, *rest = story.paragraphs
    inner = (
        f"<p>{_e(first)}</p><div class='newsletter-signup'><p>Sign up for our newsletter.</p><input type='email'></div>"
    )
    inner += "".join(f"<p>{_e(paragraph)}</p>" for paragraph in rest)
    share = "<ul class='share'><li><a href='#'>Share</a></li><li><a href='#'>Print</a></li></ul>"
    body = (f"{_BANNER}<header class='masthead'>{_MENU}</header><main><article><h1>{_e(story.title)}</h1>{share}"
            f"<div class='byline'>{_e(', '.join(story.authors))}</div><div class='article-body'>{inner}</div></article>"
            f"</main>{_RELATED}{_FOOT}")  # fmt: skip
    return _page(story, head, body)


def plain(story: Story) -> str:
    """Nothing but a title, a heading and paragraphs, and a line with author and day."""
    head = f"<title>{_e(story.title)}</title><meta name='author' content='{_e('; '.join(story.authors))}'>"
    body = f"<h1>{_e(story.title)}</h1><p><time datetime='{story.stamp}'>{story.day}</time></p>{_ps(story)}"
    return _page(story, head + f"<meta name='date' content='{story.day}'>", body)


def tables(story: Story) -> str:
    """A layout of tables, as pages had them twenty-five years ago."""
    menu = "".join(f"<tr><td><a href='/{name}'><b>{name}</b></a></td></tr>" for name in ("News", "Sport", "Contact"))
    rows = "".join(f"<p><font face='Arial'>{_e(paragraph)}</font></p>" for paragraph in story.paragraphs)
    body = (f"<table width='100%'><tr><td colspan='2'><center><h1>{_e(story.title)}</h1></center></td></tr><tr><td>"
            f"<table>{menu}</table></td><td>{rows}</td></tr><tr><td colspan=2>Copyright 1999</td></tr>"
            "</table>")  # fmt: skip
    head = f"<title>{_e(story.title)}</title><meta name='DC.date.issued' content='{story.day}'>"
    return _page(story, head + f"<meta name='DC.creator' content='{_e('; '.join(story.authors))}'>", body)


def amp(story: Story) -> str:
    """The fast variant of a page, which names the usual one as canonical."""
    head = (f"<title>{_e(story.title)}</title><link rel='canonical' href='{story.url}'><style amp-boilerplate>body{{}}"
            f"</style><script async src='https://cdn.example.com/v0.js'></script>{_ld(_news(story))}")  # fmt: skip
    body = (f"<amp-sidebar id='s'>{_MENU}</amp-sidebar><article><h1>{_e(story.title)}</h1><amp-img src='a.jpg'>"
            "</amp-img>"
            f"{_ps(story)}</article><amp-ad width='300'></amp-ad>{_FOOT}")  # fmt: skip
    return _page(story, head, body).replace("<html", "<html amp", 1)


def microdata(story: Story) -> str:
    """Schema.org in attributes of the tags that are seen."""
    people = "".join(f"<span itemprop='author' itemscope itemtype='https://schema.org/Person'><span itemprop='name'>"
                     f"{_e(name)}</span></span>" for name in story.authors)  # fmt: skip
    head = (f"<title>{_e(story.site)} | {_e(story.title)}</title>"
            f"<meta property='og:site_name' content='{_e(story.site)}'>")  # fmt: skip
    body = (f"{_MENU}<article itemscope itemtype='https://schema.org/NewsArticle'><h1 itemprop='headline'>"
            f"{_e(story.title)}"
            f"</h1><p class='byline'>{people}</p><meta itemprop='datePublished' content='{story.stamp}'>"
            f"<div itemprop='articleBody'>{_ps(story)}</div></article>{_RELATED}{_FOOT}")  # fmt: skip
    return _page(story, head, body)


def broken(story: Story) -> str:
    """JSON-LD with a comma too many and character references, in a page whose tags do not close."""
    text = json.dumps(_news(story), ensure_ascii=False)[:-1] + ",}\n;"
    body = "".join(f"<p>{_e(paragraph)}" for paragraph in story.paragraphs)
    return (f"<html lang='{story.language}'><meta charset=utf-8><title>{_e(story.title)} - {_e(story.site)}</title>"
            f"<script type='application/ld+json'>{text}</script><body>{_MENU}<div id=main><h1>{_e(story.title)}</h1>"
            f"{body}"
            f"</div><div class=footer>Imprint")  # fmt: skip


def live(story: Story) -> str:
    """A live blog: entries with times and links to themselves, in the order of the story."""
    node = {**_news(story), "@type": "LiveBlogPosting"}
    posts = "".join(f"<div class='live-post' id='post-{number}'><p>{_e(paragraph)}</p></div>"
                    for number, paragraph in enumerate(story.paragraphs))  # fmt: skip
    head = f"<title>{_e(story.title)}</title>{_ld(node)}"
    return _page(story, head, f"{_MENU}<main><h1>{_e(story.title)}</h1><section>{posts}</section></main>{_FOOT}")


def divs(story: Story) -> str:
    """No paragraph tags at all: divs with made-up class names, as scripts build them."""
    inner = "".join(f"<div class='x9f'>{_e(paragraph)}</div>" for paragraph in story.paragraphs)
    menu = "".join(f"<div class='k2'><a href='/{name}'>{name}</a></div>" for name in ("News", "Sport", "Weather"))
    head = (f"<title>{_e(story.title)}</title><meta property='og:site_name' content='{_e(story.site)}'>"
            f"{_ld(_news(story, isAccessibleForFree=True))}")  # fmt: skip
    return _page(
        story, head, f"<div class='k1'>{menu}</div><div class='x1'><h1 class='x2'>{_e(story.title)}</h1>{inner}</div>"
    )


MARKUPS: tuple[Callable[[Story], str], ...] = (
    wordpress, drupal, newspaper, plain, tables, amp, microdata, broken, live, divs,
)  # fmt: skip
WITHOUT_AUTHOR = frozenset()
WITHOUT_SITE = frozenset({"plain", "tables"})
"""Markups that do not name the publisher, so that its host stands in."""
DAY_ONLY = frozenset({"plain", "tables"})


def known() -> Iterator[tuple[str, Story, str]]:
    """The name of each page, what is true of it, and its HTML."""
    for markup in MARKUPS:
        for story in STORIES:
            yield f"{markup.__name__}-{story.slug}", story, markup(story)
