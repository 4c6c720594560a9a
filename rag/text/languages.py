"""The words by which questions in other languages than English are read.

The languages are German, French, Spanish, Italian, Portuguese, Dutch, Russian, Turkish, Arabic, Chinese and Japanese.
"""

import re
import unicodedata
from functools import lru_cache

from rag.text.english import AUXILIARIES, FUNCTION_WORDS, QUESTION_WORDS, any_of

CONNECTIVES = "und aber et mais y pero e ma ed en maar и а но ve peki و 那 那么 而 そして では じゃあ".split()
"""Words that open a question which goes on from the one before."""
COORDINATORS = {
    "de": ("und",),
    "fr": ("et",),
    "es": ("y", "e"),
    "it": ("e", "ed"),
    "pt": ("e",),
    "nl": ("en",),
    "ru": ("и",),
    "tr": ("ve",),
    "ar": ("و",),
}
"""Words for “and”, by language; the Arabic one is written together with the next word."""
PRONOUNS = (
    "er sie es ihn ihm ihr ihre ihren sein seine dort dies dieser diese dieses il elle ils elles lui leur son sa "
    "ses y ce cette él ella ellos ellas su sus esto esta este eso lui lei loro suo sua ele ela eles elas seu seus "
    "hij zij ze hem haar hun он она оно они его её их "
    "o onu onun onlar هو هي هم 他 她 它 他们 这 那 それ その 彼 彼女".split()
)
"""Pronouns that mean somebody or something said before."""
STRETCH_WORDS = (
    "bis seit von während dauerhaft jusqu jusque depuis pendant durant hasta desde durante fino dal até tot sinds "
    "tijdens до с по пока kadar beri boyunca حتى منذ طوال خلال 直到 至 期间 以来 まで から".split()
)
"""Words before or behind a time that say how long."""
AGE_WORDS = (
    r"\b(?:ans?|años?|ann[io]|anos?|jahre?n?|jähr\w+|jaar|jarige?|лет|года?)\b|岁|歲|歳|才|\byaş|\byıl|عمر|عام|سنة"
)
"""Words that state an age, as a pattern."""
SPEAKER_WORDS = "表示 说 說 指出 认为 認為 称 介绍 宣布 强调 氏 さん 選手 容疑者 教授 博士".split()
"""Words right behind a name, in Chinese and Japanese: that somebody said something, or how they are addressed."""
WHO_IS = (
    r"^\W*(?:wer (?:ist|war)|qui (?:est|était)|qui[eé]n(?:es)? (?:es|era|fue|son)|chi (?:è|era)|quem (?:é|era|foi)"
    r"|wie (?:is|was)|кто|من (?:هو|هي|كان))\b"
)
"""Opens a question for who somebody is, whose role stands right behind it."""
ROLE_LAST = r"(?:是谁|是誰|叫(?:什么|什麼)(?:名字)?|は(?:誰|だれ)(?:です)?か?|の名前は何?(?:ですか)?|kim(?:dir)?)\W*$"
"""Ends such a question, behind the role."""
PEOPLE_WORDS = (
    "menschen leute personen gens personnes gente personas persone pessoas mensen personen людей человек люди kişi "
    "insan شخص شخصا أشخاص ناس".split()
)
"""Words for people in general, whom an article calls what they are."""
ORDINAL_ARTICLES = "am vom zum zur der den dem des das im beim".split()
"""German words before an ordinal, which is written with a full stop."""
ATTRIBUTIONS = "laut selon d'après según secondo segundo volgens согласно حسب بحسب 根据 据".split()
"""Words before the one whose word is asked for."""
REASON_WORDS = (
    *"weil denn damit wegen aufgrund grund ursache schuld raison motivo motivi razón causa reden "
    "oorzaak причина причиной sebep sebebi السبب 原因 理由 因此 所以 からだ からです "
    "car afin puisque porque pues perché poiché affinché pois omdat want doordat "
    "поскольку чтобы çünkü nedeniyle yüzünden لأن بسبب 因为 因為 由于 由於 以便 ため ので".split(),
    *("parce que", "à cause", "debido a", "ya que", "a causa", "dato che", "já que", "потому что", "так как", "из-за"),
)
"""Words that give a reason."""
OPENING_REASON_WORDS = "como comme da siccome poiché daar çünkü".split()
"""Words that give one at the beginning of a sentence."""
UNSPACED = ("zh", "ja")
"""Languages that are written without spaces."""
UNCAPITALISED = (*UNSPACED, "ar")
"""Languages whose script has no capitals, by which names are told from other words."""

_LATIN_WORDS = {
    "de": (
        "der die das den dem des in an ein eine einen einem einer und ist sind war waren hat haben hatte wurde "
        "wurden wird "
        "werden nicht mit von vom zum zur im am auf für bei aus nach wie was wer wem wen wo woher wohin wann warum "
        "weshalb wieso welche welcher welches welchem welchen viel viele lange gibt gab es sich auch als über kann "
        "konnte soll kostet kostete passiert passierte geschah uhr meist meiste meisten"
    ),
    "fr": (
        "le la les l un une des du de d et est sont était étaient a ont dans pour par sur au aux avec qui que quoi "
        "quel "
        "quelle quels quelles où quand pourquoi comment combien ce cette il elle ils elles s qu n ne pas en se été "
        "coûte fut pu peut peuvent"
    ),
    "es": (
        "a el la los las un una unos de del y es son está están fue fueron era ha han en para por con al que qué cuál "
        "cuáles quién quiénes dónde cuándo cómo cuánto cuánta cuántos cuántas se su sus lo hay hubo le cuesta hora año "
        "no puede pueden pudo"
    ),
    "it": (
        "a il lo la i gli le un uno una di del della dei delle dell e è sono era ha hanno in per con da dal dalla "
        "al alla "
        "nel nella che chi cosa cos dove quando come perché quanto quanta quanti quante quale quali si c stato stata "
        "non costa ora può possono"
    ),
    "pt": (
        "o a os as um uma de do da dos das e é são era foi foram há tem em no na nos nas para por com ao que quem onde "
        "quando como porque quanto quanta quantos quantas qual quais se não custa está horas ano houve"
    ),
    "nl": (
        "de het een en van is zijn was waren heeft hebben had werd werden wordt in op voor met aan bij uit naar "
        "wie wat "
        "waar wanneer waarom hoe hoeveel welke welk lang er niet te door over kost gebeurde dat wil willen worden zou"
    ),
    "tr": (
        "ve bir bu ne nerede nereye nereden kim kime kimi neden niçin niye nasıl hangi kaç zaman kadar mi mı mu mü "
        "için "
        "ile da de oldu var yok saat"
    ),
}
"""Common words of the languages in Latin script, by which they are told apart."""
_OTHER_WORDS = {
    "ru": (
        "и в во на не но с со к ко у о об по за из от до для при над под что это этот эта эти этого как так же ли бы "
        "он она оно они его её их ему им был была было были быть есть будет кто где когда какой какая какое какие "
        "сколько почему который которая которые"
    ),
    "ar": (
        "في من إلى على عن مع هذا هذه ذلك التي الذي هو هي هم أن إن ان كان كانت يكون تكون قد لا ما لم لن و أو ثم بعد قبل "
        "كل بين عند حتى هل كم أي أية متى أين لماذا كيف ماذا عدد"
    ),
    "zh": (
        "的 了 是 在 有 和 与 與 吗 嗎 呢 吧 被 把 这 那 這 也 都 就 还 還 从 從 到 对 對 其 而 且 会 會 能 可 要 让 讓"
    ),
    "ja": "",
}
"""Common words of the others, and characters of Chinese that stand for one."""
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_GREETINGS = {
    "de": (
        "danke dankeschön dank hallo hi tschüss wiedersehen guten prima toll geht's dir ihnen",
        "vielen herzlichen schön sehr gut tag morgen abend auf bis bald wie geht es super ok okay ja nein "
        "bitte gerne alles klar",
    ),
    "fr": (
        "merci bonjour bonsoir salut revoir ça",
        "beaucoup bien au à bientôt va comment allez vous vas tu super parfait "
        "ok oui non d'accord très je t' s'il vous plaît",
    ),
    "es": (
        "gracias hola buenos buenas adiós luego estás está",
        "muchas mil días tardes noches hasta pronto qué tal cómo muy bien perfecto vale sí no por favor de nada genial",
    ),
    "it": (
        "grazie ciao salve buongiorno buonasera arrivederci stai sta",
        "mille tante a presto come va bene perfetto sì no per favore prego ottimo ok",
    ),
    "pt": (
        "obrigado obrigada olá oi bom boa tchau adeus logo está",
        "muito dia tarde noite até tudo bem como você vai sim não por favor de nada ótimo perfeito",
    ),
    "nl": (
        "dankjewel bedankt dank hallo hoi goedemorgen goedemiddag goedenavond ziens gaat",
        "je u wel hartelijk dag tot hoe het met prima mooi ja nee graag alsjeblieft",
    ),
    "ru": (
        "спасибо привет здравствуйте здравствуй доброе добрый пока свидания дела",
        "большое день утро вечер до как хорошо отлично да нет пожалуйста вам тебе",
    ),
    "tr": (
        "teşekkürler teşekkür sağol sağ merhaba selam günaydın iyi hoşça görüşürüz nasılsın nasılsınız tamam",
        "ederim ederiz ol ok çok akşamlar günler geceler kal evet hayır lütfen",
    ),
    "ar": (
        "شكرا مرحبا أهلا السلام صباح مساء السلامة حالك حالكم",
        "جزيلا لك لكم وسهلا عليكم الخير النور مع كيف نعم لا حسنا",
    ),
    "zh": (
        "谢谢 謝謝 多谢 感谢 你好 您好 再见 再見 早安 晚安 早上好 晚上好",
        "你 您 们 好 吗 嗎 了 是 的 不 请 大家 非常",
    ),
    "ja": (
        "ありがとう どうも こんにちは こんばんは おはよう さようなら またね すみません 元気",
        "ございます ございました はい いいえ お です か よろしくお願いします",
    ),
}
"""Words of greetings and thanks, and those that may stand beside them; a text of nothing else is one of them."""
_OWN_LETTERS = {
    "es": re.compile(r"[¿¡ñ]"),
    "pt": re.compile(r"[ãõ]"),
    "tr": re.compile(r"[ığşİ]"),
    "de": re.compile(r"ß"),
}
"""Letters and marks that of these languages one alone has; names bring them into others, so they count like a word."""
_LETTER = re.compile(r"[^\W\d_]")
_MIN_SCRIPT_SHARE = 0.3
"""Share of the letters from which a text is of the language of their script, whatever names it has in another."""
_FOLDED_BASES = re.compile(r"[a-z\u0600-\u06ff]")


def any_word_of(words: tuple[str, ...] | list[str]) -> str:
    """Return a regular expression that matches any of the words by itself; those of scripts without spaces anywhere."""
    spaced = [word for word in words if word[0].isascii() or not _is_unspaced(word)]
    unspaced = [word for word in words if word not in spaced]
    return rf"(?:(?<!\w){any_of(spaced)}(?!\w)|{any_of(unspaced)})" if unspaced else rf"(?<!\w){any_of(spaced)}(?!\w)"


def _is_unspaced(word: str) -> bool:
    return any("\u3040" <= character <= "\u9fff" for character in word)


def fold(text: str) -> str:
    """Return a text in lower case, without the accents of Latin and the marks of Arabic letters, often left out."""
    kept = list[str]()
    for character in unicodedata.normalize("NFD", text.casefold().replace("’", "'")):
        if unicodedata.category(character) != "Mn" or not (kept and _FOLDED_BASES.match(kept[-1])):
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


@lru_cache(4096)
def find_language(text: str) -> str:
    """Find the language of a text by its script or its commonest words, as a code such as “de”; “en” unless sure."""
    if code := _find_language_of_script(text):
        return code
    words = re.findall(r"\w+", fold(text))
    scores = dict.fromkeys(("en", *_LATIN_WORDS), 0.0)
    for word in words:
        sharing = [code for code in scores if word in common_words(code)]
        for code in sharing:
            scores[code] += 1 / len(sharing)
    for code, letters_of_one in _OWN_LETTERS.items():
        scores[code] += bool(letters_of_one.search(text))
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] > scores["en"] else "en"


def differ_in_script(one: str, other: str) -> bool:
    """Whether two texts are in different scripts, so that they are not in one language; Japanese and Chinese share."""
    first, second = (_find_language_of_script(text).replace("ja", "zh") for text in (one, other))
    return first != second


def _find_language_of_script(text: str) -> str:
    """Return the language of which the script of a text is typical; empty where it is Latin, or none is."""
    letters = len(_LETTER.findall(text))
    return next((code for code, script in _SCRIPTS if len(script.findall(text)) > _MIN_SCRIPT_SHARE * letters), "")


def name_language(code: str) -> str:
    """Return the English name of a language by its code, as “German” for “de”; the code where there is none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code).get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


def is_greeting(text: str) -> bool:
    """Whether a text is a greeting, thanks or the like in another language than English."""
    folded = re.sub(r"[^\w\s']", " ", fold(text))
    language = find_language(text)
    if language in UNSPACED:
        greetings, others = _fold_greetings(language)
        rest = re.sub(any_of(greetings), " ", folded)
        return rest != folded and not re.sub(any_of(others), " ", rest).strip()
    words = set(folded.split())
    return any(
        words & greetings and words <= greetings | others
        for greetings, others in (_fold_greetings(code) for code in _GREETINGS if code not in UNSPACED)
    )


@lru_cache(maxsize=16)
def _fold_greetings(language: str) -> tuple[frozenset[str], frozenset[str]]:
    greetings, others = _GREETINGS[language]
    return frozenset(fold(greetings).split()), frozenset(fold(others).split())


@lru_cache(maxsize=16)
def common_words(language: str) -> frozenset[str]:
    """Return the commonest words of a language, folded, which name nothing; none of a language that is not known."""
    if language == "en":
        return FUNCTION_WORDS | AUXILIARIES | frozenset(QUESTION_WORDS)
    return frozenset(fold(_LATIN_WORDS.get(language) or _OTHER_WORDS.get(language, "")).split())


READ_MORE_LEADS = frozenset(
    "read more|read also|also read|read next|see also|related|related story|related stories|related article|"
    "more on this|more|watch|watch also|don't miss|also on|you may also like|recommended|"
    "lire aussi|à lire aussi|lire la suite|à lire|voir aussi|mehr dazu|lesen sie auch|mehr zum thema|lees ook|"
    "lees meer|leggi anche|leer más|lea también|lee también|más información|leia também|leia mais|veja também|"
    "читайте также|читать также|czytaj też|czytaj także|zobacz też|läs också|läs mer|les også|les mer|læs også|"
    "devamını oku|ayrıca okuyun|اقرأ أيضا|اقرأ أيضًا|関連記事|相关阅读|延伸阅读".split("|")
)
"""What stands before a link to another article, in lower case and without the colon."""
NEWSLETTER_PHRASES = {
    "unsubscribe": re.compile(
        r"unsubscri|opt[ -]?out|abmeld|abbestell|abo(?:nnement)? kündigen|se désabonner|désinscri|darse de baja|"
        r"cancelar (?:la )?suscripci|cancelar (?:a )?inscri|descadastr|annulla (?:l['’])?iscrizione|disiscriv|afmelden|"
        r"uitschrijven|отписаться|avregistrera|avmeld|afmeld|wypisz|退订|配信停止",
        re.IGNORECASE,
    ),
    "notice": re.compile(
        r"forwarded this (?:e-?mail|message|newsletter)|reader-supported publication|free or paid subscriber|"
        r"view (?:this|it|online|in|as|the)\b.{0,30}\b(?:browser|web|online)|read in app|open in app|"
        r"you(?:['’]re| are) (?:receiving|getting|currently a)|(?:was|is) sent to (?:you|\S+@)|"
        r"manage (?:your )?(?:subscription|preferences|e-?mail)|update your preferences|add us to your address book|"
        r"subscribe (?:here|now|for (?:more|free))|weitergeleitet\?|im browser (?:ansehen|anzeigen|öffnen|lesen)|"
        r"sie erhalten diese(?:n|s)? |(?:voir|lire|consulter|afficher) .{0,30}(?:navigateur|en ligne)|"
        r"vous recevez ce|ver .{0,30}navegador|recibe este (?:correo|bolet)|in (?:je|uw) browser|"
        r"visualizza .{0,20}browser|ricevi questa|no (?:seu )?navegador|recebeu este",
        re.IGNORECASE,
    ),
}
"""What speaks of a subscription to a newsletter and not of its subject."""
HOME_WORDS = frozenset(
    "home start startseite accueil inicio início homepage forside hem главная 首页 ホーム الرئيسية".split()
)
"""What the first part of a breadcrumb is called, in lower case."""
EDIT_LINKS = re.compile(
    r"(?<=\S) ?\[\s*(?:edit(?: source)?|bearbeiten(?: \| quelltext bearbeiten)?|modifier(?: \| modifier le code)?|"
    r"editar(?: \| editar (?:a )?(?:código|fonte))?|modifica(?: \| modifica wikitesto)?|bewerken(?: \| brontekst "
    r"bewerken)?|править(?: \| править код)?|edytuj(?: \| edytuj kod)?|редагувати|编辑|編集|편집|عدل)\s*\]",
    re.IGNORECASE,
)
"""What wikis print behind a heading, as it is copied with it."""
PAGE_NUMBERS = re.compile(
    r"[\s,:|·–—-]*\(?(?<!\w)(?:page|part|seite|teil|página|pagina|parte|pag\.|sida|side|strona|стр(?:аница|\.)?|sayfa|第)\s*"
    r"\d{1,3}(?:\s*(?:of|von|sur|de|di|van|av|af|из|/)\s*\d{1,3})?\s*[页頁]?\)?\s*$",
    re.IGNORECASE,
)
"""The number of a page at the end of a title."""
