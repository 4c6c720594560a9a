"""The marks by which `find_kind` tells texts that are no articles: endings of files, phrases and shapes of lines."""

import re

CODE_SUFFIXES = frozenset(
    f".{suffix}"
    for suffix in (
        "ada adb ads asm awk bas bash bat c cc cjs clj cljs cmake cmd coffee cpp cs css csh cu cxx d dart dockerfile "
        "el elm erl ex exs f f77 f90 f95 fish fs fsx gd go gradle groovy h hh hpp hrl hs htaccess hxx inc ino ipp java "
        "jl js jsx kt kts less lisp lsp lua m4 mak mjs mk ml mli mm nim nix pas patch php phtml pl pm pod6 proto ps1 "
        "psm1 pxd py pyi pyw pyx r rake rb rkt rs s sass scala scm scss sed sh sol sql styl sv svelte swift tcl tf ts "
        "tsx v vb vbs vhd vim vue wat zig zsh"
    ).split()
)
"""Endings of programs, scripts and style sheets."""
TEX_SUFFIXES = frozenset((".tex", ".ltx", ".sty", ".cls"))
CONFIG_SUFFIXES = frozenset(
    ".cfg .cnf .conf .config .desktop .editorconfig .env .gitattributes .gitignore .ini .list .lock .mount .prefs "
    ".properties .reg .rules .service .socket .target .timer .toml .unit .yaml .yml".split()
)
"""Endings of configuration."""

SIGNATURES = {
    "a calendar": re.compile(r"BEGIN:VCALENDAR\b"),
    "an address book": re.compile(r"BEGIN:VCARD\b"),
    "a script or program": re.compile(r"#!\s*/|<\?php\b|<\?=|@echo off\b", re.IGNORECASE),
    "a key or certificate": re.compile(
        r"-----BEGIN (?:[A-Z0-9]+ )*(?:KEY|CERTIFICATE|KEY BLOCK|REQUEST|PARAMETERS)-----"
    ),
    "a patch": re.compile(r"diff --git |(?:Index: \S+\n=+\n)?--- \S[^\n]*\n\+\+\+ \S|From [0-9a-f]{40} "),
    "references (RIS)": re.compile(r"(?:[^\n]*\n){0,6}?TY {1,2}- ?[A-Z]{3,8}\s"),
    "references (BibTeX)": re.compile(r"(?:%[^\n]*\n|\s)*@[A-Za-z]+[ \t]*[{(]\s*[^\s,{}=\"]{1,200}\s*[,=]"),
    "references (EndNote)": re.compile(r"%0 [A-Z][A-Za-z ]+\r?\n(?:%\S |\s)"),
    "references (MEDLINE)": re.compile(r"PMID- \d+\s"),
    "LaTeX source": re.compile(
        r"(?:[ \t]*(?:[%\\][^\n]*)?\n){0,60}?"
        r"\s*\\(?:documentclass|documentstyle|begin\{document\}|usepackage|input\{|chapter\{)"
    ),
    "the source of a manual page": re.compile(r"(?:[.']\\\"[^\n]*\n)*\.(?:TH|Dd|so|SH|de|if) |'\\\" t\b|\.\\\""),
    "a PostScript file": re.compile(r"%!PS"),
    "a description of a licence": re.compile(r"Format(?:-Specification)?: ?https?://\S*copyright-format"),
    "a playlist": re.compile(r"#EXTM3U\b|\[playlist\]"),
    "a geometry or geographic track": re.compile(r"solid \S+\s+facet normal\b"),
    "a translation table": re.compile(r"(?:#[^\n]*\n|\s)*msgid \"[^\"\n]*\"\s+(?:\"[^\"\n]*\"\s+)*msgstr\b"),
}
"""How texts of a kind begin."""

LICENCE_WORD = re.compile(r"licen[sc]|copyright|warrant|as[- ]is", re.IGNORECASE)
"""What is in all of them."""
LICENCE_TITLE = re.compile(
    r"gnu (?:lesser |library |affero )?general public licen[sc]e|gnu free documentation licen[sc]e|apache license|"
    r"mozilla public license|eclipse public license|sil open font license|boost software license|creative commons|"
    r"cc0 1\.0|artistic license|zope public license|psf license|academic free license|mit license|bsd \w+-clause|"
    r"isc license|end[- ]user licen[sc]e agreement",
    re.IGNORECASE,
)
LICENCE_PHRASES = tuple(
    re.compile(phrase, re.IGNORECASE)
    for phrase in (
        r"permission is hereby granted, free of charge, to any person",
        r"permission to use, copy, modify,? and(?:/or)? distribute this (?:software|font)",
        r"redistribution and use in source and binary forms",
        r"redistributions? (?:of source code|in binary form) must (?:retain|reproduce)",
        r"the above copyright notice and this permission notice",
        r"(?:is|are) provided (?:by [\w ]{1,60})?[\"“”'`]{1,2}as[ -]is[\"“”'`]{1,2}",
        r"without warranty of any kind|without any warranty|without warranties or conditions of any kind",
        r"in no event (?:shall|will) the (?:author|copyright|regents|licensor|contributor)",
        r"everyone is permitted to copy and distribute verbatim copies",
        r"the licenses for most software|terms and conditions for copying, distribution|terms and conditions for use,",
        r"each (?:contributor|licensor) hereby grants|[\"“]?licensor[\"”]? (?:shall mean|means)",
        r"hereby grants? (?:to )?you a",
        r"(?:covered|original) (?:code|software|work)[\"”]? means|[\"“]standard version[\"”] refers",
        r"creative commons corporation is not a law firm|waiv\w+ (?:all of )?(?:his or her|their) (?:copyright|rights)",
        r"this is free and unencumbered software released into the public domain",
        r"this software is provided [\"“'`]*as-is",
        r"you should have received a copy of the",
        r"licensed under the (?:apache|mit|bsd|gpl|lgpl|mozilla) ",
        r"permitted provided that the following conditions|agrees to be bound by the terms and conditions of this",
    )
)
"""What licences of software, fonts and texts say, each in its own words."""

_DAY = r"(?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.]\d{2,4}|\d\d/[A-Z][a-z]{2}/\d{4})"
_CLOCK = r"\d\d[:.]\d\d[:.]\d\d(?:[.,]\d+)?"
TIME_STAMP = re.compile(
    rf"\s*[\[(<\"]?(?:(?:[\w./@-]{{1,40}}:? )?{_DAY}[T ,_:]{{1,2}}{_CLOCK}|{_CLOCK}\b"
    rf"|(?:[A-Z][a-z]{{2}} )?[A-Z][a-z]{{2}} [ \d]?\d {_CLOCK}"
    rf"|\s*\d+\.\d{{3,}}\]|\d{{10,13}}(?:\.\d+)?\s|(?:\d{{1,3}}\.){{3}}\d{{1,3}} [^\n\[]{{0,40}}\[{_DAY}:"
    r"|[IWEF]\d{4} \d\d:\d\d:\d\d)"
)
"""A time to the second, or one of a machine, at the beginning of a line."""
LOG_LEVEL = re.compile(
    r"\s*[\[(<]?(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|TRACE|SEVERE|info|debug|warn|warning|error)[\])>:]"
)
_SHAPES = (
    r"\b(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|TRACE|SEVERE)\b|\w\[\d+\]:|\bkernel: |\w=[\w\"'/-]"
    r"|\"(?:GET|POST|HEAD|PUT|OPTIONS|DELETE) |(?:^|[\s\"'(:])/\w[\w.-]*/|\b0x[0-9a-f]+\b|\w:(?:amd64|arm64|all|i386)\b"
    r"|\bstatus \w+|\d+\.\d+\.\d+|[a-z]\w*(?:\.\w+){2,}|\b\w+_\w+\b|\] \[|\[\w+\] \w"
)
MACHINE_SHAPES = re.compile(_SHAPES)
"""What programs write in their logs: levels, process numbers, paths, versions, names with points and underscores."""
MACHINE_WORDS = re.compile(
    _SHAPES
    + r"|(?i:\b(?:starting|started|stopping|stopped|finished|connect(?:ed|ing|ion)|timed? ?out|retry\w*|exception|"
    r"failed to|session|server|client|process|thread|request|response|socket|port|daemon|systemd|cron)\b)"
)
"""The same, or a word of which programs write."""

PUNCTUATION = "\"'“”‘’«»„‚‹›()[]¿¡—–-.,;:!?…।॥؟،؛"
"""What stands around words in prose."""
PLAIN_WORD = re.compile(r"[^\W\d_]\w*(?:['’.-]\w+)*|\d{1,4}(?:[.,]\d+)?%?|[\w\u0300-\u036f\u0900-\u0dff]+")
SPACELESS_LETTERS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
CODE_SYMBOLS = re.compile(r"[{}()\[\]<>=;$\\|_]")
"""Symbols that prose has few of."""
SYMBOLS = re.compile(r"[{}()\[\]<>=;:,$\\|&*+#/@\"'!?_-]")
BLOB = re.compile(r"[A-Za-z0-9+/=_-]{60,}")
"""A word of sixty characters: base64, or digits of a hash."""
COMMENT = re.compile(r"\s*(?://|/\*|\*/|\* |\*$|#|;|--(?:\s|$)|%|\"\"\"|'''|<!--|REM |dnl |::)")
OPENING_COMMENT = re.compile(r"\A\s*<!--.*?-->", re.DOTALL)
TEX_COMMAND = re.compile(r"\\[A-Za-z]+\b")
ASSIGNMENT = re.compile(r"\s*(?:export |set |let )?[\w.$*\[\]\"'/@-]+\s*(?:[-+?:|]?=|==|>=|~=)\s*")
SECTION = re.compile(r"\[\[?[^\[\]]{1,80}\]\]?|<[/\w][^<>]{0,80}>|---|\.\.\.")
KEY_VALUE = re.compile(
    r"\s*(?:- )*[\"']?[a-z_$/*.][\w./$*@-]*[\"']?\s*:(?:\s+\S+(?:\s+\S+){0,5})?\s*$|\s*- [\w./\"'@:*-]+\s*$"
)
"""A key that is no word of a sentence, with a short value; or one word behind a hyphen."""

CODE_MARKS = (
    re.compile(r"[{}]\s*(?:,|;|\)|//[^\n]*|/\*[^\n]*)?\s*$|^\s*[\[\](){};,]+\s*$"),
    re.compile(r"[=(){}\[\]\"'<>:*][^\n]*;\s*(?://[^\n]*|/\*[^\n]*)?$|\);?\s*$(?<=[\w\"')\]]\);)"),
    re.compile(r"\w\(\)|\b\w+(?:\.|::|->)\w+\(|\w_\w*\(|\b[a-z]+[A-Z]\w*\(|^\s*@?\w+\([^()]*\)\s*[:;{]?\s*$"),
    re.compile(r"(?<![-<])->(?!-)|=>|\b\w+::\w|&&|\|\||[=!]==?\s|\+\+|\$[{(]|</\w|/>|%[sd]\b|\\[nt]\b"),
    re.compile(r"^\s*(?:[A-Za-z_]\w*\s+){0,3}[\w.$\[\]\"'*&>-]+(?:\s*:\s*[\w.\[\], |]+)?\s*(?::=|[-+*/|&?]?=)\s*\S"),
    re.compile(
        r"^\s*(?:from\s+[\w.]+\s+import\b|import\s+[\w.{*\"'][^\s]*(?:\s+(?:as|from)\s+\S+)?;?$|#\s*include\b|using\s+[\w.:]+;)"
    ),
    re.compile(
        r"^\s*(?:def|class|function|func|fn|sub|if|elif|else|elsif|for|while|try|except|catch|finally|with|switch|case)\b[^\n]*[:{]\s*$"
    ),
    re.compile(
        r"^\s*(?:return|raise|throw|yield|await|assert|del|print|echo|export|local|unset|source)\s+[\w$\"'(\[{.-]+[\])}\"';]*\s*$"
    ),
    re.compile(r"^\s*(?:return|raise|throw|break|continue|pass|fi|done|esac|end|endif|then|else|begin)\s*;?\s*$"),
    re.compile(
        r"^\s*(?:CREATE|INSERT|ALTER|DROP|SELECT|UPDATE|DELETE|GRANT)\s+"
        r"(?:OR |TABLE|INTO|INDEX|VIEW|DATABASE|\*|FROM|IF)\b",
        re.IGNORECASE,
    ),
    re.compile(r"^\s*(?:sudo |apt|pip3? install|git |cd /|docker |npm |curl |\$ )"),
    re.compile(
        r"^\s*(?:private|public|protected|static|const|let|var|final|abstract|extern|typedef|struct|enum|interface)\s+\w+[^.]*[;={(]"
    ),
    re.compile(r"^\s*[.#:@*]?[\w-][\w\s,>+~:.#\[\]=\"()-]{0,200}\{|^\s*[\w-]+\s*:\s*[^;{}]+;\s*$"),
)
"""Shapes of lines of code."""
