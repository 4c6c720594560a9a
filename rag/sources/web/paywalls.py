"""The phrases of paywalls, consent walls and error pages."""

import re

_SAVE_ADVICE = "open it in a browser, save the page and add the file"
NOT_FOUND = "an error page of the site, sent as if it were an article; check the address"
CONSENT = f"it asks for consent to cookies and shows no article; {_SAVE_ADVICE}"
SIGN_IN = f"it asks to sign in and shows no article; {_SAVE_ADVICE}"
ROBOTS = f"it asks for proof that a person is reading and shows no article; {_SAVE_ADVICE}"
SCRIPTS = f"it shows its text only with JavaScript; {_SAVE_ADVICE}"
PAYWALL = f"only its beginning can be read without a subscription; if you have one, {_SAVE_ADVICE}"


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


ERROR_TITLES = _any_of(
    r"(?:(?:error|http|fehler|erreur)\W*)?(?:40\d|41\d|50\d)(?:\W+(?:error|fehler|(?:page )?not found|forbidden|gone|"
    r"bad gateway|service unavailable|internal server error))?\W*",
    r"(?:sorry\W+|oops\W+)?(?:the |this )?(?:page|file|article|document|content|site) (?:was |could |is )?"
    r"(?:not|can ?not|can't) (?:be )?(?:found|available|displayed)\W*",
    r"page (?:doesn't|does not) exist\W*|not found|page unavailable|internal server error|bad gateway",
    r"service (?:temporarily )?unavailable|error",
    r"seite (?:wurde )?nicht gefunden\W*|page (?:non trouvée|introuvable)\W*|página no encontrada\W*",
    r"pagina non trovata\W*|pagina niet gevonden\W*|页面不存在|找不到页面|ページが見つかりません",
)
"""A whole title, or a whole part of it between dashes."""

ERROR_PHRASES = _any_of(
    r"(?:page|article|address|url|link|content)\b.{0,40}\b(?:you|you're|you've)\b.{0,30}\b(?:look|request|follow|tr[iy])",
    r"(?:page|article|content|url) (?:you \w+ )?(?:has|have|may have|might have|was|is|does|could|can)\b.{0,40}"
    r"(?:moved|removed|deleted|not (?:be )?found|not exist|no longer)",
    r"you(?:'ve| have)? (?:followed|typed|mistyped|entered|clicked)|(?:check|try) the (?:url|address|spelling)",
    r"(?:we|i) (?:can't|cannot|could ?n[o']t|couldn't) find (?:the|that|this|what)|(?:use|try) (?:the|our) search",
    r"(?:go|return|back|take me) (?:back )?to (?:the |our )?(?:home ?page|front page|home\b)|zur startseite",
    r"gesuchte seite|page que vous (?:recherch|cherch|demand)|retour(?:ner)? à l'accueil|página que busca",
)
CONSENT_PHRASES = _any_of(
    r"\bwe\b.{0,40}\b(?:use|value|care about|respect)\b.{0,40}\b(?:cookies|your privacy)",
    r"\b(?:we and|us and|and) (?:our|\d+|selected) .{0,20}partners|before you continue to",
    r"our (?:\d+ )?partners\b.{0,60}\b(?:data|cookies|device)|legitimate interests?",
    r"\b(?:accept|reject|allow|agree to|manage|decline) (?:all|cookies?|necessary|preferences|settings|and continue)",
    r"\b(?:cookie|privacy) (?:settings|preferences|choices|policy|centre|center|notice)|store (?:and/or|or|and) access",
    r"your (?:consent|choices|preferences)|by (?:clicking|continuing|using)\b.{0,60}\b(?:agree|accept|consent)",
    r"wir und unsere (?:\d+ )?partner|(?:alle|cookies) (?:akzeptieren|ablehnen|annehmen)|ihre (?:einwillig|zustimm)ung",
    r"nos (?:\d+ )?partenaires|tout (?:accepter|refuser)|votre consentement|nosotros y nuestros|aceptar todo",
)
SIGN_IN_PHRASES = _any_of(
    r"\b(?:sign|log) ?in (?:to|with|below|here|using)\b|^\W*(?:sign|log) ?in\W*$|remember me",
    r"forg[eo]t(?:ten)? (?:your |my )?password|create (?:an|your|a free|a new) account|(?:already )?have an account",
    r"new (?:to|here)\b.{0,30}\?|(?:enter|your) (?:\w+ )?(?:password|username)",
    r"^\W*(?:e-?mail(?: address)?|username|password|register|sign up)\W*$",
    r"passwort vergessen|angemeldet bleiben|jetzt anmelden|mot de passe oublié|se connecter|iniciar sesión",
)
ROBOT_PHRASES = _any_of(
    r"(?:verify|confirm|checking|sure|prove)\b.{0,40}\b(?:you(?:'re| are)|your (?:browser|connection))",
    r"(?:you(?:'re| are)|i(?:'m| am)) not a (?:robot|bot)\b|\bray id\b|cloudflare",
    r"unusual (?:traffic|activity)|automated (?:requests|queries|access)",
    r"enable (?:javascript|cookies)|(?:complete|solve) the (?:captcha|challenge|security check)|just a moment",
    r"you (?:have been|are|were) blocked|access (?:to this \w+ )?(?:has been |is )?denied|reference (?:id|#)",
    r"don't have permission to access|the security of your connection|performance (?:and|&) security",
)
SCRIPT_PHRASES = _any_of(
    r"(?:enable|turn on|requires?|needs?|without|activate|activer|aktivieren|habilit\w+)\b.{0,30}\bjava ?script",
    r"java ?script\b.{0,40}\b(?:disabled|required|enabled|turned off|aktivieren|activé|deaktiviert|désactivé)",
)
SUBSCRIBE_PHRASES = _any_of(
    r"to (?:continue|keep) reading|subscribe (?:now )?(?:to|for) (?:read|continue|unlock|full|unlimited)",
    r"(?:to|and) (?:read|see|access|unlock) (?:the (?:full|rest|whole|entire)|our full)",
    r"(?:article|story|content) is (?:only |exclusively |reserved )*(?:for|available to) (?:our )?(?:paying )?"
    r"(?:subscribers|members)",
    r"(?:um|jetzt)\b.{0,30}\bweiter(?:zu)?lesen|artikel ist nur für abonnenten|réservé (?:à nos|aux) abonnés",
    r"pour lire la suite|para (?:seguir|continuar) leyendo|solo para suscriptores",
)
