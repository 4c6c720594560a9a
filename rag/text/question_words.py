"""The question words of twelve languages, by what they ask for, as regular expressions on folded text.

What is asked for is written as the kind of an answer, with the units of an amount or a time behind it. A match at the
same place goes before those that stand below it.
"""

import re
from collections.abc import Mapping

from rag.text.english import MODALS, QUESTION_VERBS, any_of

_VERB = any_of([*QUESTION_VERBS, *MODALS, "must", "may", "might"])
_IS_THE = r"(?:'s|is|are|was|were|will be|would be) (?:the|its|his|her|their)(?: [\w'-]+){0,3}?"
_ABSTRACT = (
    r"(?:rates?|prices?|costs?|fines?|fees?|rents?|tax\w*|temperatures?|inflation|turnout|shares?|unemployment|debts?|"
    r"deficits?|wages?|salar\w+|cuts?|loss\w*|interest|bills?|odds|score|scores|demand|risks?|spirits|hopes?)"
)
_PRICED = (
    r"(?:costs?|costing|pay|paid|pays|paying|charged?|charges|spen[dt]|spending|raised?|earn(?:ed|s)?|worth|fined?|donat\w+|"
    r"budget\w*|invest\w*|prices?|priced|sell|sold|owed?|owes|len[dt]|borrow\w*|fees?|rent|salary|tickets?|fares?|"
    r"subsid\w+|grants?|fund(?:ed|ing)|award(?:ed)?|afford)"
)
_PRICE = (
    r"(?:price|cost|fee|fare|salary|wage|rent|budget|fine|toll for|grant|bill|debt|deficit|turnover|revenue|profit|"
    r"damages|"
    r"prize money|ticket price)s?"
)
MONEY_WORDS = re.compile(rf"\b(?:{_PRICED}|{_PRICE})\b", re.I)
"""English words beside which a figure is one of money, whatever its currency is called."""

QUESTION_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "person": r"who(?:m|se)?",
        "place": rf"where|(?:what|which) (?:place|town|city|country|village|street|county|region|district|location|"
        rf"state)|"
        rf"what {_IS_THE} (?:capital|location|whereabouts|birthplace)",
        "time": rf"(?:since|until|till|by|from|and|or|say|said|says) when|(?<=… )when|when(?=\W*$)|^when(?='s| "
        rf"exactly| {_VERB}\b|\W*$)|"
        r"(?:what|which) (?:dates?|century|decade|season)|what(?:'s| is| was) the date",
        "time hour": r"(?:what|which) (?:times?|hours?)(?! of year)",
        "time day": r"(?:what|which) (?:days?|weekdays?)",
        "time month": r"(?:what|which) months?",
        "time year": r"(?:what|which) years?",
        "reason": r"why|how come|for (?:what|which) reasons?|what (?:caused|causes|led to|prompted|triggered|made|"
        r"explains)|"
        rf"what {_IS_THE} (?:reasons?|causes?|motives?|grounds)",
        "amount money": rf"how much (?:money|cash)|how much(?=[^?]*\b{_PRICED}\b)|how (?:expensive|cheap|costly)|"
        rf"(?:what|which) {_PRICE}|what {_IS_THE} {_PRICE}|"
        r"what (?:does|did|do|will|would)(?=[^?]*\b(?:cost|pay for)\b)",
        "amount weight": rf"how heavy|how much(?=[^?]*\bweigh)|what weight|what {_IS_THE} weight|"
        r"what (?:does|did|do)(?=[^?]*\bweigh\b)",
        "amount length duration": r"how long (?:is|was|are|were)|what(?:'s| is| was) the length|how far",
        "amount length": rf"how (?:tall|wide|thick)|how (?:high|deep|low)(?![^?]*\b{_ABSTRACT}\b)|"
        rf"(?:what|which) (?:height|width|depth|distance|altitude|elevation)|"
        rf"what {_IS_THE} (?:height|width|depth|distance|altitude|elevation|diameter|thickness|wingspan)",
        "amount speed duration": r"how (?:fast|quickly)",
        "amount speed": rf"(?:what|which) speed|what {_IS_THE} (?:\w+ )?speed",
        "amount temperature": rf"how (?:hot|cold|warm)|(?:what|which) temperature|what {_IS_THE} temperature",
        "amount area": rf"what (?:area|{_IS_THE} (?:area|acreage))",
        "amount age": rf"how old|(?:what|which) age(?! (?:group|of|limit))|what {_IS_THE} ages?",
        "amount frequency": r"how (?:often|frequently|regularly)|how many times",
        "amount percent": r"(?:what|which) (?:percent(?:age)?|per cent|share|proportion|fraction)|how many per ?cent|"
        rf"what {_IS_THE} (?:percentage|share|proportion)",
        "amount tally": rf"(?:by )?what (?:margin|score)|what {_IS_THE} (?:[a-z-]+ )?(?:score|margin)",
        "amount": rf"how much|how (?:big|large|small|strong|high|deep|low|loud)|what (?:sum|amount|size|rate)|"
        rf"what {_IS_THE} (?:sum|amount|size|rate|total|capacity|turnout)",
        "duration": rf"(?:for )?how long|how much (?:more )?time|how much longer|what {_IS_THE} duration",
        "count": rf"how many|how few|(?:what|which) number|what {_IS_THE} (?:number|population|death toll|headcount)",
        "comparison": r"compare\w*|(?:what|which|is|are) [^?]*differences? between|versus|vs|how (?:does|do|did) "
        r"[^?]*differ|"
        r"which of the two|which(?=[^?]*,[^?]* or )",
        "list": r"list|(?:what|which) (?:two|three|four|five|six|\d+)|(?:what|which) (?:\w+ )?(?:people|"
        r"children)(?= were| are)|name (?:the|all|some|two|three|four|five|every|each)|what are the (?:[\w'-]+ "
        r"){0,2}\w+s|"
        rf"(?:what|which) (?:[\w-]+ )?\w+[^s\W]s(?= (?:{_VERB}|\w+ed|took|won|lost|got)\b|(?: \w+){{1,4}} (?:were|"
        rf"are|have)\b)",
        "definition": r"define|what (?:do|does|did)(?=[^?]*\b(?:mean|stand for)\b)|"
        r"what(?:'s| is| are| was| were) (?:an? |the )?[\w'-]+(?: [\w'-]+){0,2}\W*$",
        "explanation": r"how|(?:in )?(?:what|which) way|what (?:did|does|do|happened|happens|was said|is said)|"
        r"describe|explain|tell me about",
        "other": r"what|which",
        "yes or no": rf"{_VERB}(?=[ ])",
    },
    "de": {
        "person": r"wer|wem|wen|wessen",
        "place": r"wo|wohin|woher|welche[rsmn]? (?:stadt|ort|dorf|land|staat|platz)",
        "time": r"wann|welche[rsmn]? (?:datum|zeitpunkt)",
        "time day": r"welche[rsmn]? (?:tag|wochentag)",
        "time month": r"welche[rsmn]? monat",
        "time year": r"welche[rsmn]? jahr",
        "time hour": r"wie ?viel uhr|welche[rn]? (?:uhr)?zeit|wie spat",
        "duration": r"wie lange|welche dauer",
        "reason": r"warum|weshalb|weswegen|wieso|welche[mn] grund|was (?:ist|war) (?:der grund|die ursache)",
        "amount money": r"wie teuer|was kost\w+|wie ?viel geld|wie ?viel(?=[^?]* (?:ge)?kost)|welche[rn]? preis",
        "amount weight": r"wie schwer|wie ?viel(?=[^?]* wieg)",
        "amount length": r"wie (?:breit|weit|dick)",
        "amount length duration": r"wie lang",
        "amount speed": r"wie schnell",
        "amount temperature": r"wie (?:heiss|kalt|warm)",
        "amount age": r"wie alt",
        "amount frequency": r"wie (?:oft|haufig)",
        "amount percent": r"wie ?viel prozent|welche[rn]? (?:anteil|prozentsatz)",
        "amount": r"wie ?viel|wie (?:hoch|tief|gross)|welche (?:summe|menge|hohe)",
        "count": r"wie ?viele[rnm]?|welche (?:an)?zahl",
        "explanation": r"wie(?! heiss)|wodurch|was (?:passierte?|geschah|ist (?:passiert|geschehen)|sagten?)|"
        r"beschreib\w*|erklar\w*",
        "definition": r"was (?:bedeutet|heisst)|was (?:ist|sind) (?:ein|eine|der|die|das)? ?[\w-]+\??$",
        "other": r"was|welche[rsmn]?",
        "yes or no": r"(?:ist|sind|war|waren|hat|haben|hatten?|wird|werden|wurden?|kann|konnen|konnten?|soll|sollen|"
        r"sollten?|muss|mussen|darf|durfen|gibt|gab|will|wollen|stimmt)(?= )",
    },
    "fr": {
        "person": r"qui|a qui|de qui",
        "place": r"ou|d'ou|quelle (?:ville|region)|quel (?:pays|endroit|lieu|village)",
        "time": r"quand|quelle date",
        "time day": r"quel jour",
        "time month": r"quel mois",
        "time year": r"quelle annee|en quelle annee",
        "time hour": r"quelle heure",
        "duration": r"combien de temps|quelle (?:est la )?duree",
        "reason": r"pourquoi|quelle (?:est la |etait la )?(?:raison|cause)|quelles (?:sont les )?raisons|pour "
        r"quelle raison",
        "amount money": r"combien (?:coute\w*|a coute|ont coute|vaut|d'argent)|combien(?=[^?]* cout)|"
        r"quel (?:est le |etait le )?(?:prix|cout)",
        "amount weight": r"combien (?:pese\w*|a pese)|combien(?=[^?]* pese)|quel (?:est le )?poids",
        "amount length": r"quelle (?:est la )?(?:hauteur|longueur|largeur|profondeur|distance|taille)|"
        r"combien (?:mesure\w*)",
        "amount speed": r"quelle (?:est la )?vitesse",
        "amount temperature": r"quelle (?:est la |etait la )?temperature",
        "amount area": r"quelle (?:est la )?superficie",
        "amount age": r"quel age|quel est l'age",
        "amount frequency": r"combien de fois|quelle frequence",
        "amount percent": r"quel pourcentage|quelle (?:part|proportion)",
        "amount": r"combien|quelle (?:somme|quantite)|quel (?:montant|est le montant)",
        "count": r"combien (?:y a-t-il )?(?:de|d')|quel (?:est le )?nombre",
        "explanation": r"comment(?! s'appel)|que s'est[- ]il passe|qu'est[- ]ce qui s'est passe|decri\w+|expliqu\w+",
        "definition": r"qu'est[- ]ce qu(?:e|')[\w' -]+\??$|que signifie",
        "other": r"que|qu'|quoi|quels?|quelles?|lesquel\w+",
        "yes or no": r"est[- ]ce qu(?:e|')|(?:est|sont|etait|a|ont|peut|faut|y a)(?:-t)?-(?:ils?|elles?|on|ce)",
    },
    "es": {
        "person": r"(?:a |de |con |por )?quien(?:es)?",
        "place": r"donde|adonde|que (?:ciudad|pais|lugar|sitio|pueblo|region)",
        "time": r"cuando|que fecha",
        "time day": r"que dia",
        "time month": r"que mes",
        "time year": r"que ano",
        "time hour": r"que hora",
        "duration": r"cuanto tiempo|cuanto (?:dur\w+|tard\w+)",
        "reason": r"(?:por|para) que(?= )(?! (?:dia|hora|ano|mes))|cual (?:es|fue|era) (?:el motivo|la (?:razon|"
        r"causa))",
        "amount money": r"cuanto (?:cuesta\w*|costo|costaron|costara|vale|valio|cobr\w+|dinero)|cuanto(?=[^?]* cost)|"
        r"que precio|cual (?:es|fue|era) el (?:precio|coste|costo)",
        "amount weight": r"cuanto pes\w+|cual (?:es|era) el peso",
        "amount length": r"que (?:altura|longitud|anchura|profundidad|distancia)|cuanto mid\w+|"
        r"cual (?:es|era) la (?:altura|longitud|anchura|profundidad|distancia)",
        "amount speed": r"(?:que|cual es la) velocidad",
        "amount temperature": r"(?:que|cual (?:es|fue) la) temperatura",
        "amount area": r"(?:que|cual es la) superficie",
        "amount age": r"cuantos anos (?:tiene|tenia)|que edad|cual (?:es|era) la edad",
        "amount frequency": r"cuantas veces|que frecuencia",
        "amount percent": r"que (?:porcentaje|proporcion|parte)",
        "amount": r"cuant[oa]|que tan \w+|que (?:cantidad|suma)",
        "count": r"cuant[oa]s|(?:que|cual es el) numero",
        "explanation": r"como(?! se llama)|que (?:paso|ocurrio|sucedio|dijo|dijeron)|describ\w+|explic\w+",
        "definition": r"que (?:es|son) (?:una? |el |la |los |las )?[\w-]+\??$|que significa",
        "other": r"que|cual(?:es)?",
        "yes or no": r"(?:es|son|esta|estan|fue|fueron|era|eran|ha|han|hay|habia|hubo|puede|pueden|tiene|tienen|"
        r"sera|seran|va|van|existe|existen)(?= )",
    },
    "it": {
        "person": r"(?:a |di |da |con )?chi",
        "place": r"dove|dov'|(?:quale|che) (?:citta|paese|luogo|regione)",
        "time": r"quando|(?:quale|che) data",
        "time day": r"(?:quale|che) giorno",
        "time month": r"(?:quale|che) mese",
        "time year": r"(?:quale|che) anno",
        "time hour": r"che ora|che ore",
        "duration": r"quanto tempo|quanto (?:e )?dura\w+|da quanto",
        "reason": r"perche|come mai|(?:qual e|quale) (?:il )?motivo|qual e (?:la (?:ragione|causa)|il motivo)",
        "amount money": r"quant(?:o |'e )(?:cost\w+|e costat\w|sono costat\w|vale)|quanto(?=[^?]* cost)|"
        r"(?:quale|che) prezzo|qual e il (?:prezzo|costo)",
        "amount weight": r"quanto pes\w+|qual e il peso",
        "amount length": r"quanto (?:e|era) (?:alt|larg|profond|lontan)\w+|quanto misur\w+|"
        r"qual e (?:l'altezza|la (?:lunghezza|larghezza|profondita|distanza))",
        "amount length duration": r"quanto (?:e|era) lung\w+",
        "amount speed": r"(?:che|qual e la) velocita",
        "amount temperature": r"(?:che|qual e la) temperatura",
        "amount area": r"qual e la superficie",
        "amount age": r"quanti anni (?:ha|aveva)|che eta|qual e l'eta",
        "amount frequency": r"quante volte|(?:che|quale) frequenza|ogni quanto",
        "amount percent": r"(?:che|quale) (?:percentuale|quota|parte)|qual e la percentuale",
        "amount": r"quant[oa]|(?:che|quale) (?:somma|quantita)",
        "count": r"quant[ie]|(?:qual e il|quale) numero",
        "explanation": r"come(?! si chiama)|(?:che )?cosa (?:e (?:successo|accaduto)|ha detto)|descriv\w+|spieg\w+",
        "definition": r"(?:che )?cos'e (?:un[oa']? ?|il |lo |la |l')?[\w-]+\??$|(?:che )?cosa significa",
        "other": r"(?:che )?cos[a']|che|qual[ei]?",
        "yes or no": r"(?:e|sono|era|erano|ha|hanno|c'e|ci sono|c'era|puo|possono|fu|sara)(?= )",
    },
    "pt": {
        "person": r"(?:a |de |com |por )?quem",
        "place": r"onde|aonde|(?:que|qual) (?:cidade|pais|lugar|local|regiao)",
        "time": r"quando|(?:que|qual) (?:e a )?data",
        "time day": r"(?:que|qual) dia",
        "time month": r"(?:que|qual) mes",
        "time year": r"(?:que|qual) ano",
        "time hour": r"que horas?",
        "duration": r"quanto tempo|quanto dur\w+|qual (?:e|foi) a duracao",
        "reason": r"por ?que(?= |\?|$)(?! (?:dia|horas?|ano|mes))|qual (?:e|foi) (?:o motivo|a (?:razao|causa))",
        "amount money": r"quanto (?:cust\w+|vale|dinheiro)|quanto(?=[^?]* cust)|"
        r"(?:que|qual) (?:e o |foi o )?(?:preco|custo)",
        "amount weight": r"quanto pes\w+|qual e o peso",
        "amount length": r"quanto med\w+|(?:que|qual) (?:e a |e o |a |o )?(?:altura|comprimento|largura|profundidade|"
        r"distancia)",
        "amount speed": r"(?:que|qual) (?:e a )?velocidade",
        "amount temperature": r"(?:que|qual) (?:e a |foi a )?temperatura",
        "amount area": r"qual e a area",
        "amount age": r"quantos anos (?:tem|tinha)|(?:que|qual) (?:e a )?idade",
        "amount frequency": r"quantas vezes|com que frequencia",
        "amount percent": r"(?:que|qual) (?:e a )?(?:percentagem|porcentagem|percentual|proporcao|parte)",
        "amount": r"quant[oa]|(?:que|qual) (?:quantidade|quantia)",
        "count": r"quant[oa]s|(?:que|qual e o) numero",
        "explanation": r"como(?! se chama)|o que (?:aconteceu|houve|disse)|descrev\w+|expli\w+",
        "definition": r"o que (?:e|sao) (?:uma? |o |a |os |as )?[\w-]+\??$|o que significa",
        "other": r"(?:o )?que|qua(?:l|is)",
        "yes or no": r"(?:e|sao|esta|estao|foi|foram|era|ha|houve|tem|pode|podem|sera|existe)(?= )",
    },
    "nl": {
        "person": r"wie|wiens",
        "place": r"waar|waarheen|waarvandaan|welke? (?:stad|plaats|land|dorp|gemeente)",
        "time": r"wanneer|welke datum",
        "time day": r"welke dag",
        "time month": r"welke maand",
        "time year": r"welk jaar",
        "time hour": r"hoe laat|welk uur",
        "duration": r"hoe ?lang duur\w*|hoe ?lang (?:heeft|hebben|had|zal|blijft|bleef)|hoeveel tijd",
        "reason": r"waarom|welke reden|hoezo|wat (?:is|was) de (?:reden|oorzaak)",
        "amount money": r"hoeveel (?:kost\w*|geld)|wat kost\w*|hoe duur|hoeveel(?=[^?]* (?:ge)?kost)|welke prijs",
        "amount weight": r"hoe zwaar|hoeveel weeg\w*|hoeveel(?=[^?]* weeg)",
        "amount length": r"hoe (?:hoog|breed|diep|ver|dik)",
        "amount length duration": r"hoe lang",
        "amount speed": r"hoe (?:snel|hard)",
        "amount temperature": r"hoe (?:warm|heet(?= is| was| werd)|koud)",
        "amount age": r"hoe oud",
        "amount frequency": r"hoe vaak|hoeveel keer",
        "amount percent": r"hoeveel procent|welk (?:percentage|deel|aandeel)",
        "amount": r"hoe groot|welk bedrag|welke hoeveelheid",
        "count": r"hoeveel|welk aantal",
        "explanation": r"hoe(?! heet)|wat (?:gebeurde|is er gebeurd|zei|zeiden)|beschrijf|leg uit",
        "definition": r"wat betekent|wat (?:is|zijn) (?:een |de |het )?[\w-]+\??$",
        "other": r"wat|welke?",
        "yes or no": r"(?:is|zijn|was|waren|heeft|hebben|had|hadden|kan|kunnen|kon|wordt|worden|werd|werden|zal|"
        r"zullen|moet|moeten|mag)(?= )",
    },
    "ru": {
        "person": r"кто|кого|кому|кем|чей|чья|чьё",
        "place": r"где|куда|откуда|как(?:ой|ом) (?:город\w*|стран\w*|мест\w*)|какая страна",
        "time": r"когда|какая дата|какого числа|как(?:ому|ой) срок\w*",
        "time day": r"какой день|какого числа",
        "time month": r"каком месяце",
        "time year": r"каком году|какого года",
        "time hour": r"котором часу|во сколько|который час",
        "duration": r"как долго|сколько времени|сколько (?:дли\w+|прод\w+)",
        "reason": r"почему|зачем|отчего|какой причине|какова причина|в чём причина|в чем причина",
        "amount money": r"сколько (?:стои\w+|денег|обош\w+)|сколько(?=[^?]* сто(?:ит|ил))|"
        r"(?:какова|какая|какой) (?:цена|стоимость)|почём",
        "amount weight": r"сколько (?:веси\w*|весят)|каков вес",
        "amount length": r"как(?:ой|ая|ова) (?:высот\w|длин\w|ширин\w|глубин\w|расстояние)|как далеко",
        "amount speed": r"как(?:ая|ова|ой) скорост\w+|как быстро",
        "amount temperature": r"как(?:ая|ова) температура",
        "amount area": r"как(?:ая|ова|ой) площад\w+",
        "amount age": r"сколько лет|какого возраста",
        "amount frequency": r"сколько раз|как часто",
        "amount percent": r"какой процент|какая доля|сколько процентов",
        "amount": r"какая сумма",
        "count": r"сколько|какое (?:количество|число)",
        "explanation": r"как(?! (?:зовут|звали|назыв\w+))|что (?:произошло|случилось|сказал\w*)|опиш\w+|объясн\w+",
        "definition": r"что такое|что (?:значит|означает)",
        "other": r"что|чего|чем|как(?:ой|ая|ое|ие|ого|их|им|ом)|котор\w+",
        "yes or no": r"(?:правда|верно|есть|был\w?|может|можно|будет) ли|[\w]+ ли(?= )",
    },
    "tr": {
        "person": r"kim\w{0,4}",
        "place": r"nere\w+|hangi (?:sehir\w*|ulke\w*|koy\w*|yer\w*)",
        "time": r"ne zaman\w*|hangi tarih\w*",
        "time day": r"hangi gun\w*",
        "time month": r"hangi ay\w*",
        "time year": r"hangi yıl\w*|kac yılında",
        "time hour": r"saat kac\w*",
        "duration": r"ne kadar sur\w+|ne kadar zaman\w*",
        "reason": r"neden|nicin|niye|hangi nedenle|nedeni ne\w*",
        "amount money": r"kac(?:a|ı)|ne kadar(?:a|lık)? mal|fiyatı ne|ne kadar(?=[^?]*(?:fiyat|ucret|maliyet|tutar|"
        r"para))|"
        r"maliyeti (?:ne|kac)\w*",
        "amount weight": r"ağırlığı (?:ne|kac)\w*",
        "amount length": r"ne kadar (?:uzun|yuksek|derin|genis|uzak)\w*",
        "amount speed": r"ne kadar hızlı|hızı (?:ne|kac)\w*",
        "amount temperature": r"kac derece\w*",
        "amount age": r"kac yas\w+",
        "amount frequency": r"kac (?:kez|kere|defa)|ne sıklıkla",
        "amount percent": r"yuzde kac\w*",
        "amount": r"ne kadar\w*",
        "count": r"kac",
        "explanation": r"nasıl|ne (?:oldu|dedi)",
        "definition": r"ne demek\w*|nedir",
        "other": r"ne|hangi\w*",
        "yes or no": r"(?<= )m[ıiu](?:y\w{1,5}|d[ıiu]r\w{0,3}|s[ıiu]n\w{0,4})?(?!\w)",
    },
    "ar": {
        "person": r"^من|لمن|من (?:هو|هي|هم|كان|الذي)",
        "place": r"اين|(?:اي|اية) (?:مدينة|بلد|دولة|مكان|قرية)",
        "time": r"متى|(?:اي|ما) تاريخ",
        "time day": r"(?:اي|اية) يوم",
        "time month": r"اي شهر",
        "time year": r"(?:اي|اية) (?:عام|سنة)",
        "time hour": r"(?:اي|اية) ساعة|كم الساعة",
        "duration": r"كم (?:من الوقت|استغرق\w*|تستغرق|يستغرق|دام\w*|مدة|استمر\w*)|ما مدة",
        "reason": r"لماذا|لم(?= )|ما (?:هو )?سبب|ما السبب",
        "amount money": r"كم (?:بلغت |تبلغ |كانت )?(?:تكلفة|كلف\w*|تكلف|يكلف|سعر|ثمن|قيمة|ميزانية)|بكم|ما (?:هو |هي )?"
        r"(?:سعر|تكلفة|ثمن)",
        "amount weight": r"كم (?:يزن|تزن|وزن)|ما وزن",
        "amount length": r"كم (?:يبلغ |يبعد |تبعد )?(?:طول|ارتفاع|عرض|عمق|المسافة)|ما (?:طول|ارتفاع|عرض|عمق)",
        "amount temperature": r"كم (?:بلغت )?درجة الحرارة|ما درجة الحرارة",
        "amount area": r"كم (?:تبلغ )?مساحة|ما مساحة",
        "amount age": r"كم (?:يبلغ )?عمر|ما عمر",
        "amount frequency": r"كم مرة",
        "amount percent": r"ما (?:هي )?(?:نسبة|النسبة)|كم (?:بلغت )?نسبة|كم في (?:المئة|المائة)",
        "count": r"كم|ما (?:هو )?عدد",
        "explanation": r"كيف|ماذا (?:حدث|حصل|قال\w*)|صف|اشرح",
        "definition": r"ما معنى|ما (?:هو|هي) \w+[?؟. ]*$",
        "other": r"ماذا|ما|اي|اية",
        "yes or no": r"^هل",
    },
    "zh": {
        "person": r"谁|誰|哪位|何人|叫(?:什么|什麼)(?:名字)?",
        "place": r"哪里|哪裡|哪儿|哪兒|何处|何處|什么地方|什麼地方|在哪|哪(?:个|座|一)?(?:城市|国家|國家|地方|村)",
        "time": r"什么时候|什麼時候|何时|何時|哪天|几号|幾號|哪一天|何日",
        "time year": r"哪一年|哪年|何年|几几年",
        "time month": r"哪个月|哪個月|几月|幾月",
        "time hour": r"几点|幾點|什么时间|什麼時間",
        "duration": r"多久(?!一次)|多长时间|多長時間|(?:几|幾|多少)(?:天|年|个月|個月|小时|小時|分钟|分鐘|周|週)",
        "reason": r"(?:原因|理由)是什[么麼]|为什么|為什麼|为何|為何|什么原因|什麼原因",
        "amount money": r"多少(?:钱|錢|元|美元|欧元|資金|资金)|(?:花费|花了|耗资|造价|价格|成本|费用|"
        r"票价)[^？?]{0,4}多少",
        "amount weight": r"多重",
        "amount length": r"多高|多长|多長|多远|多遠|多深|多宽|多寬|多少(?:米|公里|千米)",
        "amount speed": r"多快",
        "amount temperature": r"多少度|几度|幾度",
        "amount age": r"(?:几|幾|多少)(?:岁|歲)|多大年纪|多大年紀",
        "amount frequency": r"(?:几|幾|多少)次|多久一次",
        "amount percent": r"百分之(?:多少|几|幾)|多大比例|比例是多少",
        "amount": r"多大|多少(?=[？?。]?$)",
        "count": r"多少|几(?:个|名|人|座|辆|艘|家|所|位|只|头|条)|幾(?:個|名|人|座)",
        "explanation": r"怎么|怎麼|怎样|怎樣|如何|发生了什么|發生了什麼|说了什么|請描述|请描述|解释|解釋",
        "definition": r"什么是|什麼是|是什么意思|是什麼意思",
        "other": r"什么|什麼|哪",
        "yes or no": r"(?:吗|嗎)[？?。]?$|是否|是不是|有没有|有沒有",
    },
    "ja": {
        "person": r"誰|だれ|どなた|何者",
        "place": r"どこ|何処|どちら|どの(?:町|都市|国|村|場所)",
        "time": r"いつ|何日(?!間|続|かか)",
        "time year": r"何年(?!間)",
        "time month": r"何月",
        "time hour": r"何時(?!間)",
        "duration": r"何(?:時間|日(?:間|(?=続|かか))|年間|か月|ヶ月|カ月|分間|週間)|どのくらいの(?:時間|期間)|"
        r"(?:どのくらい|どれくらい|どれほど)(?=[^？?]*(?:かか|続|間))",
        "reason": r"なぜ|何故|どうして|なんで|理由は何|原因は何",
        "amount money": r"いくら|何(?:円|ドル|ユーロ)|(?:費用|料金|値段|価格|工費)は",
        "amount weight": r"何(?:キロ(?!メートル)|トン|グラム)|重さは|重量は",
        "amount length": r"何(?:メートル|キロメートル|センチ)|(?:高さ|長さ|深さ|幅|距離)は",
        "amount speed": r"時速何|速さは|速度は",
        "amount temperature": r"何度(?=[？?。]?$|で|まで|だ)|気温は",
        "amount age": r"何(?:歳|才)|おいくつ",
        "amount frequency": r"何回|何度も|どのくらいの頻度",
        "amount percent": r"何(?:パーセント|％|%|割)|割合は",
        "amount": r"どのくらい|どれくらい|どれだけ|どれほど",
        "count": r"いくつ|何(?:人|名|個|本|台|校|件|棟|匹|頭|枚|隻|軒|つ|社|羽|冊)",
        "explanation": r"どう|どのように|何が(?:起|あ)|何と(?:言|述)|説明",
        "definition": r"とは(?:何|なん)|意味は",
        "other": r"何|どの|どれ|どんな",
        "yes or no": r"か[？?。]?$",
    },
}

TOPIC_WORDS: Mapping[str, str] = {
    "amount money": rf"(?:ticket |total |final )?{_PRICE}",
    "amount length": r"height|width|depth|distance|elevation|altitude|wingspan",
    "amount weight": r"weight",
    "amount speed": r"speed",
    "amount temperature": r"temperature",
    "amount age": r"age",
    "amount": r"(?:interest |inflation )?rate|amount|capacity|score|margin|turnout",
    "duration": r"duration",
    "count": r"number of|population|death toll|headcount",
    "time": r"date|(?:opening |closing )?(?:hours|times?)|deadline",
    "reason": r"reasons?|cause",
    "place": r"location|whereabouts|birthplace|address",
}
"""What is looked for by keywords, as in “ferry ticket price”, in English."""
