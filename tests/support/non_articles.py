"""Pages that are no articles, and the reason each is refused for; and articles that are easily taken for such pages."""

from rag.sources.web import paywalls as walls
from rag.sources.web.non_articles import EMPTY_REFUSAL as EMPTY
from rag.sources.web.non_articles import LIST_REFUSAL as LISTS

HOST = "https://news.example.com"
_MENU = "".join(f'<li><a href="/{name.lower()}">{name}</a></li>' for name in ("Home", "World", "Culture", "Sport"))
_HEADLINES = (
    "Old canal locks open again after repairs", "Harbour seals return to the northern pier",
    "Council debates the price of tram tickets", "A baker wins the marathon by four minutes",
    "Farmers count the cost of a dry winter", "Two lighthouses are sold to the same buyer",
    "Old cinema to become a library in spring", "Night trains to the coast are full until May",
)  # fmt: skip
_SUMMARIES = (
    "Forty boats went through before noon on the first day.", "Biologists counted nineteen of them on Sunday evening.",
    "A decision is expected before the summer, members said.", "He trained on the way to his shop each morning.",
    "Wells in three villages ran dry earlier than ever before.", "She plans to rent them to writers and to sailors.",
    "The chairs stay where they are, says the architect.", "The company wants to add carriages if it can find any.",
)  # fmt: skip
_ITEM = (
    "A freight train lost two wagons near the harbour on Monday morning. Nobody was hurt. The line to the coast was "
    "closed until noon while a crane lifted the wagons back onto the rails. The railway said that a worn axle was to "
    "blame, and that it would inspect forty wagons of the same type before the end of the week."
)


def _page(title: str, body: str, head: str = "") -> str:
    return (f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>{head}</head><body><nav>"
            f"<ul>{_MENU}</ul></nav>{body}<footer><p>Copyright 2025 News</p></footer></body></html>")  # fmt: skip


def _cards(tag: str, heading: str, head: str = "", count: int = 8) -> str:
    cards = "".join(
        f"<{tag} class='teaser'><{heading}><a href='/story/{number}'>{title}</a></{heading}><p>{summary}</p></{tag}>"
        for number, (title, summary) in enumerate(zip(_HEADLINES[:count], _SUMMARIES, strict=False)))  # fmt: skip
    return _page("World news", f"<main><h1>World</h1>{cards}</main>", head)


_FEED = "<link rel='alternate' type='application/rss+xml' href='/world/feed.xml'>"
_WRAPPED = "".join(f"<li><a href='/s/{number}'><div><h3>{title}</h3><p>{summary}</p></div></a></li>"
                   for number, (title, summary) in enumerate(zip(_HEADLINES, _SUMMARIES, strict=True)))  # fmt: skip
_LINES = "".join(f"<p><a href='/s/{number}'>{title}</a></p>" for number, title in enumerate(_HEADLINES))
_ROWS = "".join(f"<tr><td>0{number}.05.</td><td><a href='/s/{number}'>{title}</a></td></tr>"
                for number, title in enumerate(_HEADLINES))  # fmt: skip
_CHINESE = "".join(f"<div><h3><a href='/s/{number}'>旧运河船闸重新开放第{number}期报道</a></h3>"
                   "<p>中午之前有四十艘船通过，"
                   "没有人料到会来这么多船。</p></div>" for number in range(7))  # fmt: skip
_STUB_NODE = ('<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":'
              '"The price of '
              'salt","datePublished":"2024-05-05T06:00:00Z","isAccessibleForFree":%s}</script>')  # fmt: skip
_LEDE = ("Salt has become expensive on the islands. A sack costs twice what it cost a year ago, and the two ferries "
         "that "
         "bring it are late more often than not.")  # fmt: skip

NO_ARTICLES: tuple[tuple[str, str, str, str], ...] = (
    ("cards", LISTS, f"{HOST}/world", _cards("article", "h2")),
    ("cards in divs", LISTS, f"{HOST}/world", _cards("div", "h3")),
    ("cards of a blog that calls itself an article", LISTS, f"{HOST}/",
     _cards("article", "h2", "<meta property='og:type' content='article'>")),
    ("a section with its feed", f"{LISTS}its feed {HOST}/world/feed.xml, or the articles themselves", f"{HOST}/world",
     _cards("section", "h2", _FEED)),
    ("teasers that are links as a whole", LISTS, f"{HOST}/", _page("Front", f"<main><ul>{_WRAPPED}</ul></main>")),
    ("headlines alone", LISTS, f"{HOST}/latest", _page("Latest", f"<div id='content'><h1>Latest</h1>{_LINES}</div>")),
    ("an archive in a table", LISTS, f"{HOST}/2024/05", _page("May 2024", f"<table>{_ROWS}</table>")),
    ("a Chinese section", LISTS, f"{HOST}/zh", _page("国内新闻", f"<main>{_CHINESE}</main>")),
    ("404", walls.NOT_FOUND, f"{HOST}/a", _page("404", "<h1>404</h1><p>That did not work out.</p>")),
    ("not found", walls.NOT_FOUND, f"{HOST}/a", _page("Page not found | News", "<h1>Page not found</h1><p>The page you "
     "are looking for may have been moved or deleted. Go back to the home page or try our search.</p>")),
    ("not found without a title", walls.NOT_FOUND, f"{HOST}/a", _page("News", "<main><h2>Oh dear!</h2><p>We cannot "
                                                                              "find "
     "the page you were looking for.</p><p>Check the URL and try again.</p></main>")),
    ("nicht gefunden", walls.NOT_FOUND, f"{HOST}/a", _page("Seite nicht gefunden - News", "<h1>Seite nicht "
                                                                                          "gefunden</h1>"
     "<p>Die gesuchte Seite gibt es nicht mehr.</p>")),
    ("out of order", walls.NOT_FOUND, f"{HOST}/a", _page("503 Service Unavailable", "<h1>Service unavailable</h1><p>"
                                                                                    "The "
     "server is busy. Come back in a few minutes, please, when it is not.</p>")),
    ("consent", walls.CONSENT, f"{HOST}/a", _page("News", "<main><h1>We value your privacy</h1><p>We and our 843 "
                                                          "partners "
     "store and access information on a device, such as cookies. You can change your choices at any time.</p><p>With "
     "your consent we use precise location data.</p><button>Accept all</button><button>Reject all</button></main>")),
    ("consent before the site", walls.CONSENT, f"{HOST}/a", _page("Before you continue", "<form><h1>Before you "
                                                                                         "continue to "
     "News</h1><p>We use cookies to measure audiences and to protect against abuse.</p><p>If you choose “Accept all”, "
     "we "
     "will also use cookies to show advertising.</p><input type='submit' value='Accept all'></form>")),
    ("Zustimmung", walls.CONSENT, f"{HOST}/a", _page("Nachrichten", "<div><p>Wir und unsere 120 Partner verarbeiten "
                                                                    "Daten "
     "auf Ihrem Gerät.</p><p>Ihre Einwilligung können Sie jederzeit widerrufen.</p><button>Alle akzeptieren</button>"
     "</div>")),
    ("sign in", walls.SIGN_IN, f"{HOST}/a", _page("Sign in", "<main><h1>Sign in to your account</h1><form><label>Email "
     "address</label><input type='email'><label>Password</label><input type='password'><a href='/f'>Forgot your "
     "password?"
     "</a><p>New here? Create an account today.</p></form></main>")),
    ("captcha", walls.ROBOTS, f"{HOST}/a", _page("Just a moment...", "<h1>news.example.com</h1><p>Verify you are "
                                                                     "human by "
     "completing the action below.</p><p>news.example.com needs to review the security of your connection.</p><p>Ray "
     "ID: "
     "8f3</p>")),
    ("traffic", walls.ROBOTS, f"{HOST}/a", _page("News", "<p>Our systems have detected unusual traffic from your "
                                                         "network."
     "</p><p>Please confirm that you are not a robot to go on.</p>")),
    ("denied", walls.ROBOTS, f"{HOST}/a", _page("Access Denied", "<h1>Access Denied</h1><p>You don't have permission "
                                                                 "to "
     "access this page on this server.</p><p>Reference #18.2f1</p>")),
    ("an app", walls.SCRIPTS, f"{HOST}/a", "<html><head><title>News</title><script src='/app.js'></script></head><body>"
     "<noscript>You need to enable JavaScript to run this app.</noscript><div id='root'></div></body></html>"),
    ("scripts wanted", walls.SCRIPTS, f"{HOST}/a", _page("News", "<div><p>JavaScript is disabled in your browser. "
                                                                 "Please "
     "enable JavaScript to read this site.</p></div><script>start()</script>")),
    ("stub", walls.PAYWALL, f"{HOST}/a", _page("The price of salt", f"<article><h1>The price of salt</h1><p>{_LEDE}</p>"
     "</article>", _STUB_NODE % "false")),
    ("stub by its words", walls.PAYWALL, f"{HOST}/a", _page("The price of salt", f"<article><h1>The price of salt</h1>"
     f"<p>{_LEDE}</p><div class='gate'><p>Subscribe now to continue reading.</p></div></article>")),
    ("stub of a long one", walls.PAYWALL, f"{HOST}/a", _page("The price of salt", f"<article><p>{_LEDE}</p>"
     f"<p>{_ITEM}</p><p>{_ITEM}</p></article>",
     (_STUB_NODE % '"https://schema.org/False","wordCount":900').replace('"https://schema.org/False"', '"False"'))),
    ("nothing", EMPTY, f"{HOST}/a", "<html><head><title>News</title></head><body><p></p></body></html>"),
    ("a menu", EMPTY, f"{HOST}/a", _page("News", "")),
)  # fmt: skip

_QUOTED = ("The banner said: “We and our 843 partners store information on your device.” Town halls may not show such "
           "banners any more, a court ruled on Tuesday. A teacher had complained because she only wanted to know when "
           "the "
           "pool opens. The town will take the banner down in June and pay the costs of the case.")  # fmt: skip
_LOGIN = ("<div class='modal' hidden><form><h2>Log in</h2><input type='email'><input type='password'><a href='/f'>"
          "Forgot "
          "your password?</a><p>Already a subscriber? Log in to continue reading.</p></form></div>")  # fmt: skip
_BRIEFING = "".join(f"<h2><a href='/story/{number}'>{title}</a></h2><p>{summary} {_SUMMARIES[number - 1]}</p>"
                    for number, (title, summary) in enumerate(zip(_HEADLINES, _SUMMARIES, strict=True)))  # fmt: skip
_MORE = "".join(f"<article><h3><a href='/s/{number}'>{title}</a></h3><p>{summary}</p></article>"
                for number, (title, summary) in enumerate(zip(_HEADLINES, _SUMMARIES, strict=True)))  # fmt: skip

ARTICLES: tuple[tuple[str, str, str], ...] = (
    ("sixty words", "lost two wagons", _page("Train derails", f"<main><h1>Train derails</h1><p>{_ITEM}</p></main>")),
    ("sixty words in a bare page", "lost two wagons", f"<title>Train derails</title><p>{_ITEM}"),
    ("one sentence", "Nobody was hurt", _page("Train", "<h1>Train derails near the harbour</h1><p>Nobody was hurt "
                                                       "when a "
     "train derailed near the harbour on Monday.</p>")),
    ("about cookies, quoting a banner", "complained", _page("Court limits cookies", f"<h1>Court limits cookies</h1>"
     f"<p>{_QUOTED}</p>")),
    ("about error 404", "archivists", _page("404: the museum of missing pages", "<h1>404: the museum of missing "
                                                                                "pages</h1>"
     "<p>Two archivists collect error pages in a former bank. They have six thousand of them, from bakeries and from "
     "ministries. “Page not found” is the most common text, they say, in eleven languages. Entry is free.</p>")),
    ("about passwords, with a login in the corner", "never", _page("The end of the password", f"{_LOGIN}<h1>The end "
                                                                                              "of the "
     "password</h1><p>A third of all people use one password everywhere, a survey found in May. Banks want to do away "
     "with it and let a fingerprint do. The password was never safe, says the man who invented it, and nobody can "
     "remember thirty of them. He is eighty-one now and writes his own on a slip of paper.</p>")),
    ("about robots and captchas", "traffic lights", _page("Who clicks on traffic lights", "<h1>Who clicks on traffic "
                                                                                          "lights"
     "</h1><p>Researchers had two thousand people pick traffic lights out of pictures. Programs were faster, and wrong "
     "less often. The test that asks visitors to prove that they are human should go, they write, because it only "
     "annoys those who are. Its makers did not want to comment on Monday.</p>")),
    ("a short one beside many teasers", "lost two wagons", _page("Train derails", "<main><article><h1>Train "
                                                                                  "derails</h1>"
     f"<p>{_ITEM}</p></article><section><h2>Most read</h2>{_MORE}</section></main>")),
    ("a briefing of linked items", "nineteen of them", _page("The morning in eight stories", "<article><h1>The "
                                                                                             "morning in "
     f"eight stories</h1>{_BRIEFING}</article>", _STUB_NODE % "true")),
    ("a live blog that links to itself", "crane", _page("Train derails: live", "<main><h1>Train derails: "
                                                                               "live</h1>" + "".join(
     f"<div><h3><a href='#post-{number}'>At {number} o'clock: the crane is moved</a></h3><p>{_ITEM}</p></div>"
     for number in range(6)) + "</main>")),
    ("links to papers in every paragraph", "study", _page("What the studies say", "<article><h1>What the studies "
                                                                                  "say</h1>" +
     "".join(f"<p>According to <a href='/study/{number}'>a study of {number} hundred harbour pilots</a>, the tides "
             "have "
             f"changed by {number} minutes since the locks were built, and nobody knows "
             "why.</p>" for number in range(2, 9))
     + "</article>")),
    ("free for all, and says so", "lost two wagons", _page("Train derails", f"<article><p>{_ITEM}</p><p>This text is "
                                                                            "free. "
     "</p></article>", _STUB_NODE % "true")),
    ("behind a wall that lets the text through", "lost two wagons", _page("Train derails", f"<article><p>{_ITEM}</p>"
     f"<p>{_LEDE}</p><p>{_ITEM.replace('Monday', 'Tuesday')}</p></article>", _STUB_NODE % "false")),
    ("Access denied as a headline of a story", "committee", _page("Access denied", "<h1>Access denied</h1><p>For "
                                                                                   "eleven "
     "years a committee has kept the lighthouse closed. Sailors want to climb it, and so do painters. The stairs are "
     "sound, an engineer found in March, but the committee meets only twice a year and has lost the key. Its next "
     "meeting is in October.</p>")),
)  # fmt: skip
