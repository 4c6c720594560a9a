"""The words by which ends of sentences are told in each language: abbreviations, and words that open a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """The words of one language, in lower case, abbreviations without their last full stop and without spaces."""

    titles: frozenset[str] = frozenset()
    """Abbreviations that always belong to what follows: a name, a street, a number."""
    inner: frozenset[str] = frozenset()
    """Abbreviations that stand within a sentence, and end one only before a word that opens the next."""
    final: frozenset[str] = frozenset()
    """Abbreviations that end a sentence as well, wherever a capital follows."""
    openers: frozenset[str] = frozenset()
    """Words that open a sentence when they are written with a capital, and are no part of a name."""
    plain: frozenset[str] = frozenset()
    """Words that look like abbreviations and are none."""
    has_ordinals: bool = False
    """Whether a number with a full stop is an ordinal."""
    has_vowelless_words: bool = False
    """Whether words without a vowel are ordinary words, and no abbreviations."""
    ends: str = ""
    """Further characters that end a sentence."""


def _make(
    titles: str = "",
    inner: str = "",
    final: str = "",
    openers: str = "",
    *,
    plain: str = "",
    has_ordinals: bool = False,
    has_vowelless_words: bool = False,
    ends: str = "",
) -> SentenceWords:
    return SentenceWords(
        titles=frozenset(titles.split()),
        inner=frozenset(inner.split()),
        final=frozenset(final.split()),
        openers=frozenset(openers.split()),
        plain=frozenset(plain.split()),
        has_ordinals=has_ordinals,
        has_vowelless_words=has_vowelless_words,
        ends=ends,
    )


_WORDS: Mapping[str, SentenceWords] = {
    "en": _make(
        titles="dr mr mrs ms prof rev hon gov sen rep gen col lt sgt capt maj cmdr adm msgr pres supt messrs mx sra "
        "srta dña dra mme mlle sig sig.ra dott dott.ssa avv hrn frl dhr mevr exmo exma",
        inner="ph.d m.d b.a m.a ll.d d.phil approx dept univ assn bros incl excl viz",
        openers="the a an he she it they we i you this that these those there his her its their our my your but and "
        "so then yet or if when while after before since although though as at by for from in into of on "
        "over to under with without no not nobody nothing none some many most few all both each every "
        "another other others later now today yesterday soon still even also only just here what who why how "
        "where which one two three several more less however meanwhile instead police officials critics "
        "residents",
    ),
    "de": _make(
        titles="dr prof hr hrn frl nr abs st dipl lic bgm hptm kap oblt ltn hl msgr pfr frh",
        inner="mio mrd bio tsd ca etwa bzw ggf evtl vgl s sog sogen inkl exkl zzgl abzgl max min mind bes insb "
        "insbes allg gem lt z.b d.h u.a i.d.r i.a i.h.v i.s.d o.ä u.ä v.a z.t z.zt m.e u.u s.o s.u a.d a.m "
        "a.d.r b.w v.chr n.chr u.z i.v z.hd str tel abb tab kap bd anm hrsg hg verf red aufl ausg jg jh jhd "
        "jan jän feb febr mär apr jun jul aug sep sept okt nov dez mo di mi do fr sa so std sek mtl jährl tägl "
        "eur kfz lkw betr bez bzgl geb gest verh led verst ev kath röm dt engl franz ital span lat griech "
        "österr schweiz europ int intern nördl südl östl westl ehem entspr einschl ausschl urspr usf stellv "
        "vors gegr ungef durchschn proz st.gallen mill co e.v art ing mag med phil jur rer nat habil gen sen "
        "sr rr dres min.rat",
        final="usw etc u.s.w u.v.m u.a.m o.dgl u.dgl ff",
        openers="der die das den dem des ein eine einen einem einer er sie es wir ihr ich du man dies diese dieser "
        "dieses diesen dort da dann danach dabei damit daher darum dazu deshalb deswegen doch aber und oder "
        "denn sondern jedoch allerdings auch nur noch schon so als am im in an auf aus bei beim bis durch "
        "für gegen mit nach ohne seit über um unter von vom vor während wegen zu zum zur zwischen wenn weil "
        "ob obwohl nachdem bevor sein seine seinen seiner ihre ihren ihrem ihrer unser unsere mein meine "
        "kein keine keiner niemand nichts jeder jede jetzt heute gestern morgen später zuvor zudem außerdem "
        "inzwischen mittlerweile hier wer was wie wo wann warum viele manche einige alle mehr nicht trotzdem "
        "dennoch schließlich zunächst anschließend bald weitere laut nun hat hatte ist war wird soll kann",
        has_ordinals=True,
    ),
    "fr": _make(
        titles="m mm mme mmes mlle mlles dr drs pr prof mgr st ste sts me mtre vve gén cdt lt sgt adj no nos n° av "
        "bd boul fg pl rte ch imp pdt sén dép",
        inner="env p pp art al fig tab vol t chap cf ex p.ex c.-à-d c-à-d i.e j.-c av.j.-c apr.j.-c janv févr fév "
        "avr juill juil sept oct nov déc tél mds md mrd mio k s hab s.a s.a.r.l max inf sup éd éds trad dir "
        "coll réf rééd ann arr dept dépt éts ets sté soc univ int ext approx quelq ttc r.-v n.b a.f.p col cap "
        "cie min",
        final="etc",
        openers="le la les l un une des du de d au aux ce cet cette ces c il elle ils elles on nous vous je j tu son "
        "sa ses leur leurs notre nos votre vos mon ma mes et ou mais donc or ni car puis ensuite alors ainsi "
        "enfin aussi à en dans par pour sur sous avec sans chez entre vers depuis pendant après avant selon "
        "lors lorsque quand si comme que qui quoi quel quelle où comment pourquoi y ne n pas nul aucun "
        "aucune personne rien tout tous toute toutes plusieurs certains certaines beaucoup quelques deux "
        "trois hier demain aujourd désormais toutefois cependant pourtant néanmoins ailleurs ici là cela "
        "ceci ça malgré grâce voir s",
    ),
    "es": _make(
        titles="sr sra srta sres sras srtas dr dra dres d dña dn prof profa lic ing arq abog gral cnel tte sgto "
        "cmdte alm mons fr sto sta exmo excmo excma ilmo ilma pdte pdta presid ee jj rr ff avda av c ctra pza "
        "pl núm nº n.º nro art arts fdo hno hna mtro mtra",
        inner="uu oo hh pág págs p pp cap vol fig cf p.ej ej p.m a.m a.c d.c a.j.c aprox mill mills mm máx mín tel "
        "tfno depto dpto apdo cía cia s ss en ene feb febr mzo abr jun jul ag ago sept set oct nov dic ed trad "
        "comp coord rep admón gob univ inst izq dcha km.h s.a s.l r.d c.v rte q.e.p.d i.e sor hnos ud uds vd "
        "vds",
        final="etc ee.uu p.d rr.hh",
        openers="el la los las un una unos unas lo al del de en a con por para sin sobre tras entre desde hasta "
        "según durante ante bajo y e o u pero mas aunque sino pues porque que quien quienes cuando donde "
        "como si mientras este esta estos estas ese esa esos esas aquel aquella esto eso él ella ellos ellas "
        "yo tú usted ustedes nosotros su sus mi mis nuestro nuestra se le les me nos te no ni nadie nada "
        "ninguno ninguna algunos algunas muchos muchas varios varias todo toda todos todas cada otro otra "
        "otros otras dos tres hoy ayer mañana ahora luego después antes entonces allí allá aquí así también "
        "además embargo ya más muy hay había fue era es son está hubo qué quién cuál cuándo dónde cómo",
    ),
    "it": _make(
        titles="sig sigg sig.ra sig.na sig.re dott dott.ssa dr prof prof.ssa avv ing arch geom rag on sen mons cav "
        "comm gen col cap magg ten serg mar s ss egr gent gent.ma ill spett fr p.zza pza v.le c.so l.go n nn "
        "nr art artt f.lli prot rett dir",
        inner="s.p.a s.r.l s.n.c s.a.s pag pagg p pp cfr cf vol cap fig figg tab sec secc es p.es ad.es ca circa mln "
        "mld mil tel cell max min segg seg sgg sg ecc.mo genn gen febb feb mar apr magg mag giu giugn lug "
        "luglio ago sett set ott nov dic ed trad cit op ibid a.c d.c a.m p.m temp prov reg com univ ist soc "
        "coop int n.b r.a.i ss.mm ind loc approx",
        final="ecc etc",
        openers="il lo la i gli le l un uno una di del dello della dei degli delle a al allo alla ai agli alle da "
        "dal dalla dai in nel nella nei nelle con su sul sulla sui per tra fra e ed o ma però anche se che "
        "chi quando dove come perché poi dopo prima così allora infine inoltre tuttavia intanto oggi ieri "
        "domani ora adesso qui lì là questo questa questi queste quel quella quelli quelle egli lui lei loro "
        "esso essa noi voi io tu si ci vi ne non né nessuno nessuna niente nulla tutti tutte tutto ogni "
        "alcuni alcune molti molte due tre suo sua suoi sue nostro mio basta già ancora più meno secondo "
        "durante senza sotto sopra è era sono fu c quanto quale",
    ),
    "pt": _make(
        titles="sr sra srs sras srta dr dra drs dras prof profa prof.ª d eng engª engo arq adv gen cel cap ten maj "
        "sgt alm pe fr mons sto sta exmo exma ilmo ilma v min gov dep sen pres av r al pç trav rod estr n nº "
        "n.º núm art arts",
        inner="pág págs p pp cap vol fig tab cf p.ex ex i.e aprox mi mil milh bi tri tel cel séc sécs jan fev mar "
        "abr mai jun jul ago set out nov dez a.c d.c a.m p.m ed org trad cit op máx mín cia qtd obs apto ap bl "
        "lt km2 dto esq univ inst depto o.n.u ltd e.u.a eua s.a ltda dom exa exas",
        final="etc",
        openers="o a os as um uma uns umas de do da dos das em no na nos nas num numa ao à aos às por pelo pela "
        "pelos pelas para com sem sob sobre entre desde até após antes depois durante segundo conforme e ou "
        "mas porém nem que quem quando onde como se porque pois embora enquanto este esta estes estas esse "
        "essa esses essas aquele aquela isto isso aquilo ele ela eles elas eu tu você vocês nós seu sua seus "
        "suas meu minha nosso nossa lhe não ninguém nada nenhum nenhuma alguns algumas muitos muitas vários "
        "várias todo toda todos todas tudo cada outro outra outros outras dois duas três hoje ontem amanhã "
        "agora então assim também além ainda já mais menos aqui ali lá está é era foi há havia basta são "
        "qual quanto",
    ),
    "nl": _make(
        titles="dhr mevr mw mej dr drs ir ing mr prof ds kap kol gen sgt maj lt luit st z.k.h h.m z.m jhr nr nrs art "
        "no burgem weth",
        inner="blz p pp pag fig tab hfst ca circa ong mln mld mrd miljn miljd o.a m.n m.b.t m.b.v i.p.v i.v.m t.a.v "
        "t.b.v t.g.v t.o.v t.w.v d.w.z d.m.v a.d e.d e.v bijv bv b.v vgl zgn zg evt resp incl excl max min jan "
        "feb febr mrt apr jun jul aug sep sept okt nov dec tel str pl v.chr n.chr ged gem geb overl afd nl d.d "
        "n.a.v a.h.v i.o zn gebr s.v.p n.m v.m i.t.t ed uitg vert n.v c.q jl vs past red fam fa wed h",
        final="enz etc e.a c.s",
        openers="de het een hij zij ze we wij ik jij je u dit deze dat die er daar hier toen dan daarna daarom dus "
        "maar en of want doch ook nog al als aan bij door in met na naar om onder op over per sinds te tegen "
        "tot tussen uit van vanaf vanwege volgens voor zonder tijdens terwijl omdat hoewel indien zijn haar "
        "hun ons onze mijn geen niemand niets iedereen alle alles enkele veel vele sommige andere twee drie "
        "vandaag gisteren morgen nu later eerst eerder intussen inmiddels echter bovendien wie wat waar "
        "wanneer waarom hoe welke zo meer is was t s n",
    ),
    "ru": _make(
        titles="г-н г-жа гг гр тов проф акад доц д-р инж ген кап лейт серж адм митр архиеп еп св ул просп пер пл бул "
        "наб ш пос дер корп стр табл пп см ср зам пом нач деп гос р-н о-в бульв мкр оф",
        inner="г гг в вв н.э до.н.э т т.е т.к т.ч т.н тыс млн млрд трлн руб коп долл чел экз ок прим напр др тел "
        "факс янв февр фев мар апр июн июл авг сент сен окт нояб ноя дек ч мин сек проц д а изд ред сост пер "
        "км кг э и.о вр м макс сокр англ нем фр лат греч букв пр им рис полк обл эт п с ст гл кв",
        final="т.д т.п",
        openers="в во на он она оно они это этот эта эти тот та те но и а я мы вы ты как что кто где когда там тут "
        "здесь потом затем после до для по при из от к ко с со за над под без через между его её их наш ваш "
        "мой свой все всё весь вся никто ничто нет не ни так также тоже однако если хотя поэтому потому ещё "
        "уже сейчас теперь сегодня вчера завтра ныне позже ранее раньше только лишь даже вот же ли был была "
        "было были есть будет один одна два три несколько многие некоторые другие каждый любой у о об про "
        "ради чтобы пока зато причём впрочем кроме наконец какой какая почему сколько люди весит тогда "
        "значит итак",
    ),
    "uk": _make(
        titles="п пп проф акад доц д-р ген полк св вул просп пров пл бульв ім м с смт буд кв ст рис табл гл див пор",
        inner="р рр ст н.е т.е тис млн млрд грн коп чол обл р-н тел січ лют бер квіт трав черв лип серп вер жовт "
        "лист груд та.ін напр ін прибл год хв",
        final="т.д т.п",
        openers="в у на він вона воно вони це цей ця ці той та ті але і й а я ми ви ти як що хто де коли там тут "
        "потім після до для за з із зі від його її їх усі все ніхто не ні так також проте якщо хоча тому ще "
        "вже тепер сьогодні вчора завтра пізніше",
    ),
    "tr": _make(
        titles="dr prof doç yrd öğr uzm op müh mim sn hz gen alb org korg tümg yb bnb yzb tğm şht bkz md cad sok bul "
        "mah apt blv arş ecz dt opr ord",
        inner="s ss cilt c yakl mn mln mlr milyar tel faks örn ör krş çev ed haz yay bs fak üniv böl müd bşk m.ö m.s "
        "ö.s t.c a.b.d i.ö i.s kr tl kim mat fiz ltd şti yy a.ş av gör no",
        final="vb vs vd",
        openers="bu şu o bir ve veya ya ama fakat ancak ise de da ki çünkü sonra önce daha şimdi bugün dün yarın "
        "burada orada böyle böylece öyle ayrıca yine hâlâ hem ne nasıl niçin neden kim kimse hiç hiçbir her "
        "herkes bazı birçok çok az en iki üç onlar biz siz ben sen onun bunun için ile göre kadar karşın "
        "rağmen eğer var yok evet hayır artık oysa üstelik nitekim köprü",
        has_ordinals=True,
    ),
    "pl": _make(
        titles="dr prof hab mgr inż lek ks bp abp kard o św bł płk ppłk mjr kpt por ppor gen sierż kpr st ul al pl "
        "os p pp red mec dyr prez min zob art ust pkt nr s tab lit poz dz.u dn godz woj",
        inner="s.a r w ww ok np m.in tj tzn tzw tys mln mld zł gr tel m dł szer wys nast im n.p.m n.e p.n.e z.o.o sp "
        "spz ang niem łac franc jw ds wg dot ew ewent ub br bm sty lut kwi maj cze lip sie wrz paź lis gru km "
        "kg godz min sek proc wyd tłum oprac s-ka rys str",
        final="itd itp etc i.in",
        openers="w we na z ze do od po za przed przez dla bez pod nad przy między o u i a ale lecz oraz lub albo "
        "więc zatem jednak gdy kiedy jeśli jeżeli choć chociaż bo ponieważ aby żeby jak co kto gdzie "
        "dlaczego czy ten ta to te ci tego tej tym on ona ono oni one ja ty my wy jego jej ich nasz się nie "
        "nikt nic żaden każdy wszyscy wszystko wielu kilka dwa dwie trzy dziś dzisiaj wczoraj jutro teraz "
        "potem później wcześniej wtedy tam tu tutaj tak także też również już jeszcze tylko nawet jest był "
        "była było byli są będzie mieszka ma jako według podczas niestety policja",
        has_ordinals=True,
    ),
    "el": _make(
        titles="κ κα κος κκ δρ δρα καθ αν.καθ αναπλ επικ υπ στρ συντ ταγμ λοχ αγ αρχιεπ μητρ π οδ λεωφ πλ αρ αριθ "
        "άρθρ αρθ παρ σελ σ κεφ εικ πίν τόμ βλ πρβλ τ γρ δις σία",
        inner="εκατ δισ τρισ χιλ περ δηλ π.χ μ.χ π.μ μ.μ λ.χ κ.ά κ.τ.λ τηλ αι αιών χλμ μ τ ευρ ιαν φεβ φεβρ μαρ μάρτ "
        "απρ μάι μαΐ ιούν ιουν ιούλ ιουλ αύγ αυγ σεπ σεπτ οκτ νοε νοέμ δεκ εκδ μτφρ επιμ συγγρ στμ α.ε ε.π.ε "
        "η.π.α ε.ε ο.η.ε αρχ νεοελλ κ.ο.κ",
        final="κ.λπ κλπ κ.λ.π κ.ά κ.τ.λ κτλ",
        openers="ο η το οι τα τον την της του των τους τις ένας μία μια ένα στο στη στην στον στους στις στα σε με "
        "για από προς χωρίς κατά μετά πριν μέχρι ως αντί παρά και κι αλλά όμως ωστόσο ή είτε ούτε αν εάν "
        "όταν όπου όπως επειδή γιατί διότι ενώ αφού ώστε να θα δεν μη μην ποιος ποια ποιο πού πότε πώς τι "
        "πόσο αυτός αυτή αυτό αυτοί αυτές εκείνος εκείνη εκείνο εγώ εσύ εμείς εσείς κανείς κανένας τίποτα "
        "κάποιοι μερικοί πολλοί όλοι όλα κάθε δύο τρεις σήμερα χθες αύριο τώρα τότε έπειτα ύστερα εδώ εκεί "
        "έτσι επίσης ακόμη ακόμα ήδη μόνο ναι όχι είναι ήταν υπάρχει έχει είχε",
        ends=";\u037e",
    ),
    "ar": _make(
        titles="د أ م ا أ.د م.م د.م ص ج ق ب ف ت س ع ن ه ك ر ط ل أ.م",
        inner="ق.م ب.م هـ ذ.م.م ش.م.م ش.م.ل كغ كم سم د.ك ر.س د.إ ج.م ج.م.ع تلف هاتف",
        final="إلخ الخ",
    ),
    "fa": _make(titles="د م ص ج دکتر", inner="ق.م ه.ش ه.ق", final="الخ"),
    "he": _make(titles="ד ר פרופ גב מר עו עמ", inner="למשל", final="וכו"),
    "hi": _make(
        plain="है हैं था थी थे हो हूँ हूं गा गे गी गया गए गई गयी रहा रही रहे दी दिया दिए किया की लिया ली लिए कहा आया "
        "आई आए हुआ हुई हुए नहीं तक भी ही का के को से में पर ने वे वह यह जो तो ना न थीं लगा लगी लगे चला चली चले "
        "बना बनी बने मिला मिली मिले रुके रुका सका सकी सके हाँ जी घर दिन साल लोग बात काम",
    ),
    "sv": _make(
        titles="dr prof hr fru frk st nr gatan tel",
        inner="ca t.ex bl.a d.v.s dvs s.k m.m o.d f.d e.d kl milj mdr mkr jan feb mars apr aug sept okt nov dec resp "
        "inkl exkl max min ung s p sid kap bd f.kr e.kr g.m",
        final="osv etc m.fl m.m",
        openers="den det de en ett han hon vi jag du ni man denna detta dessa här där då sedan men och eller för i "
        "på av till från med om efter innan under över vid utan när att som vad vem hur varför ingen inget "
        "alla många nu idag igår också dock",
    ),
    "da": _make(
        titles="dr prof hr fru frk skt nr tlf",
        inner="ca f.eks bl.a dvs d.v.s s.k kl mio mia kr jan feb mar apr aug sep sept okt nov dec inkl ekskl maks "
        "min s p kap bd f.kr e.kr pga ift mht jf pct",
        final="osv etc m.fl m.m mv",
        openers="den det de en et han hun vi jeg du i man denne dette disse her der da så men og eller for på af til "
        "fra med om efter før under over ved uden når hvis at som hvad hvem hvor hvordan hvorfor ingen intet "
        "alle mange nu også dog",
        has_ordinals=True,
    ),
    "cs": _make(
        titles="dr prof doc mgr ing bc mudr judr phdr rndr sv ul nám tř č čl odst písm str obr tab p pí sl gen plk "
        "mjr kpt srov viz",
        inner="tzv tj např cca mil mld tis kč hod min sek roč r s m n.l př.n.l resp popř atp apod aj max vč",
        final="atd apod atp aj",
        openers="v ve na z ze do od po za před přes pro bez pod nad při mezi o u i a ale však nebo tedy když pokud "
        "protože aby jak co kdo kde proč ten ta to ti ty on ona ono oni já my vy jeho její jejich se ne "
        "nikdo nic každý všichni mnoho dnes včera zítra nyní potom pak později tam tady tak také už ještě "
        "jen je byl byla bylo byli jsou bude podle během",
        has_ordinals=True,
        has_vowelless_words=True,
    ),
    "hu": _make(
        titles="dr prof özv ifj id szt u krt",
        inner="kft rt zrt bt kb pl ún ill ft mrd old jan febr márc ápr jún júl aug szept okt nov dec i.e i.sz du de sz",
        final="stb",
        openers="a az egy ez azt ő ők mi én de és vagy hogy ha amikor mert most ma tegnap holnap majd aztán itt ott "
        "nem senki minden sok is csak már még",
        has_ordinals=True,
    ),
    "fi": _make(
        titles="dr prof tri hra rva nro",
        inner="n noin esim ts ns mm milj mrd klo s ks vrt eaa jaa ekr jkr tammi huhti os puh",
        final="jne ym yms",
        openers="se ne hän he me te minä sinä tämä nämä tuo mutta ja tai kun jos koska että joka mikä kuka missä "
        "miksi nyt tänään eilen huomenna sitten siellä täällä ei ovat on oli myös vielä jo",
        has_ordinals=True,
    ),
    "ro": _make(
        titles="dl d-na dna d-l dr prof ing av gen col sf str bd nr art alin pct",
        inner="mil mld cca aprox pag p vol cap fig ex i.hr d.hr a.m p.m ian febr apr aug sept oct nov dec tel lit",
        final="etc ș.a",
        openers="un o cel cea cei cele el ea ei ele eu noi voi acest această aceștia aceste dar și sau iar însă când "
        "dacă deoarece în la pe de din cu fără pentru după înainte sub peste între azi ieri mâine acum apoi "
        "aici acolo nu nimeni nimic toți toate mulți este era sunt a au",
    ),
}
_RELATED = {
    **dict.fromkeys(("af",), "nl"),
    **dict.fromkeys(("gl",), "pt"),
    **dict.fromkeys(("ca", "an"), "es"),
    **dict.fromkeys(("nb", "nn", "no"), "da"),
    **dict.fromkeys(("lb",), "de"),
    **dict.fromkeys(("bg", "mk", "sr", "be", "kk"), "ru"),
    **dict.fromkeys(("sk", "sl", "hr", "bs"), "cs"),
    **dict.fromkeys(("az",), "tr"),
    **dict.fromkeys(("ur", "ckb", "ps"), "ar"),
    **dict.fromkeys(("mr", "ne", "sa"), "hi"),
}
"""Languages that are read as the one most like them that has a table."""
OTHER_SCRIPTS = frozenset({"ru", "uk", "el", "ar", "fa", "he", "hi"})
"""Languages with a table that are not written in Latin letters."""
LETTERED_WORDS = frozenset(
    "gruppe liga klasse block plan vitamin typ serie haus zone gleis tor team group company class type "
    "hepatitis section exhibit groupe ligue classe bloc vitamine hépatite annexe grupo clase tipo vitamina "
    "anexo gruppo allegato turma série groep klas bijlage группе группа группы план плана витамин grubunda "
    "grubu planı grup grupie grupa grupy klasa ομάδα όμιλο ομίλου σχέδιο βιταμίνη τμήμα".split()
)
"""Words before a letter that names no person: “plan B”."""
NAME_PARTICLES = frozenset(
    "de van der den het in t la le les lo li di da del della dei dos das do du des von zu el al d o dell ten "
    "ter".split()
)
"""Words that open a sentence and are also the first of a surname: “J. Le Goff”."""
UNIT_SYMBOLS = frozenset(
    "km cm mm kg km2 m2 m3 km² m² m³ mb gb kw kwh mw mwh hz °c °f ha t m g h l км см мм кг т м г".split()
)
"""Symbols of units, which have no full stop of their own behind a number."""


def latin_languages() -> list[str]:
    """List the languages in Latin letters that have a table."""
    return [code for code in _WORDS if code not in OTHER_SCRIPTS]


@lru_cache(maxsize=64)
def find_sentence_words(language: str) -> SentenceWords:
    """Return the words of a language by its code; those of all languages in Latin letters where it has no table."""
    code = _RELATED.get(language, language)
    return _WORDS.get(code) or _merge_latin()


@lru_cache(maxsize=1)
def _merge_latin() -> SentenceWords:
    """Merge the words of the languages in Latin letters, without abbreviations that are a common word of another."""
    tables = [_WORDS[code] for code in latin_languages()]
    openers = frozenset[str]().union(*(words.openers for words in tables))
    return SentenceWords(
        titles=frozenset[str]().union(*(words.titles for words in tables)) - openers,
        inner=frozenset[str]().union(*(words.inner for words in tables)) - openers,
        final=frozenset[str]().union(*(words.final for words in tables)) - openers,
        openers=openers,
    )
