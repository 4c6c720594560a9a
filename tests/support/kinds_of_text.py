"""Texts that are no articles, by what they are; and articles that are easily taken for such texts."""

import json

MIT = (
    "Copyright (c) 2024 Ada Fell\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of "
    "this software, to deal in the Software.\n\nThe above copyright notice and this permission notice "
    'shall be included in all copies.\n\nTHE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.\n'
)
BSD = (
    "Redistribution and use in source and binary forms, with or without modification, are permitted provided that the "
    "following conditions are met:\n\n* Redistributions of source code must retain the above copyright notice.\n\n"
    'THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS "AS IS".\n'
)
PYTHON = '''"""Count boats."""

import sys
from pathlib import Path


def count(path: Path) -> int:
    lines = path.read_text().splitlines()
    return sum(1 for line in lines if line.startswith("boat"))


if __name__ == "__main__":
    print(count(Path(sys.argv[1])))
'''
SCRIPT = """set -e
cd "$(dirname "$0")"
for file in *.txt; do
    if [ -s "$file" ]; then
        gzip -9 "$file" && mv "$file.gz" /srv/archive/
    fi
done
export DONE=1
"""
PAGE_SCRIPT = """const boats = [];
function add(boat) {
  boats.push(boat);
  document.getElementById("list").innerHTML += `<li>${boat.name}</li>`;
}
fetch("/boats.json").then((answer) => answer.json()).then((all) => all.forEach(add));
"""
MINIFIED = "!function(e,t){" + "".join(
    f'var n{i}=e[{i}]||t.get("{i}");if(n{i}>{i}){{t.set({i},n{i})}};' for i in range(80)
)
STYLE = "body {\n  margin: 0;\n  color: #333;\n}\n\n.boat > a:hover {\n  background: url(boat.png) no-repeat;\n}\n"
PROGRAM = """#include <stdio.h>

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        printf("%s\\n", argv[i]);
    }
    return 0;
}
"""
TABLES = "CREATE TABLE boats (id INTEGER, name TEXT);\n" + "".join(
    f"INSERT INTO boats VALUES ({i}, 'Tern {i}');\n" for i in range(9)
)
SYSTEM_LOG = "".join(
    f"Mar  5 10:00:{i:02} harbour sshd[{400 + i}]: Accepted publickey for ada from 10.0.0.{i} port 5022\n"
    for i in range(9)
)
ACCESS_LOG = "".join(
    f'10.0.0.{i} - - [05/Mar/2024:10:00:{i:02} +0000] "GET /boats/{i} HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n'
    for i in range(9)
)
SERVICE_LOG = "".join(
    f"2024-03-05T10:00:{i:02}.123Z INFO  [worker-{i}] harbour.queue: request {i} finished in {i} ms\n" for i in range(9)
)
PACKAGE_LOG = "".join(f"2024-03-05 10:00:{i:02} status installed libboat{i}:amd64 1.{i}-2\n" for i in range(9))
SETTINGS = "[server]\nport = 8080\nhost = 127.0.0.1\n\n[paths]\nboats = /srv/boats\nlog_level = debug\nworkers = 4\n"
NESTED = "services:\n  web:\n    image: boats:2\n    ports:\n      - 80:80\n    restart: always\nvolumes:\n  data: {}\n"
VARIABLES = "HARBOUR_PORT=8080\nHARBOUR_HOST=127.0.0.1\nHARBOUR_KEY=abc\n# a remark\nHARBOUR_DEBUG=true\n"
CALENDAR = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nDTSTART:20240610T170000Z\nSUMMARY:Hearing on the quarry\n"
    "DESCRIPTION:The hearing takes place in the town hall.\nEND:VEVENT\nEND:VCALENDAR\n"
)
TEX = (
    "% a paper\n\\documentclass{article}\n\\begin{document}\nThe dam held \\emph{three} million "
    "tons.\n\\end{document}\n"
)
BIBTEX = "@article{fell2024,\n title={The dam failed},\n author={Fell, Ada},\n year={2024},\n}\n"
RIS = "TY  - NEWS\nTI  - The dam failed in the spring\nAU  - Fell, Ada\nDA  - 2024/02/20\nER  - \n"
CANVAS = json.dumps(
    {"nodes": [{"id": "a", "type": "text", "text": "The dam held for forty years.", "x": 0}], "edges": []}
)
ROWS = "".join(json.dumps({"name": f"Tern {i}", "place": i}) + "\n" for i in range(5))
XML = "<?xml version='1.0'?>\n<nitf><head><title>Dam</title></head><body><p>The dam was drained.</p></body></nitf>\n"
CERTIFICATE = (
    "-----BEGIN CERTIFICATE-----\n"
    + ("MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJRTES" + "\n") * 9
)
BLOB = ("iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4AAAAABJRU5ErkJggg" * 3 + "\n") * 5
PATCH = "--- a/boats.py\n+++ b/boats.py\n@@ -1,2 +1,2 @@\n-one\n+two\n"
FIGURES = "".join(" ".join(f"{i * j}.{j}" for j in range(9)) + "\n" for i in range(40))

NO_ARTICLES = {
    **{f"licence {n}": text for n, text in enumerate((MIT, BSD))},
    **{f"code {n}": text for n, text in enumerate((PYTHON, SCRIPT, PAGE_SCRIPT, MINIFIED, STYLE, PROGRAM, TABLES))},
    **{f"log {n}": text for n, text in enumerate((SYSTEM_LOG, ACCESS_LOG, SERVICE_LOG, PACKAGE_LOG))},
    **{f"settings {n}": text for n, text in enumerate((SETTINGS, NESTED, VARIABLES))},
    **{f"data {n}": text for n, text in enumerate((CALENDAR, CANVAS, ROWS, XML, CERTIFICATE, BLOB, PATCH, FIGURES))},
    **{f"references {n}": text for n, text in enumerate((TEX, BIBTEX, RIS))},
}

ARTICLES = {
    "news": (
        "Dam drained\n\nThe dam was drained on Monday to look for cracks, the county said. It "
        "holds three million tons.\n"
    ),
    "a poem": (
        "The mill is still;\nthe wheel, the weir;\nno grain to grind\nthis dry, long year;\n\nbut if "
        "(they say)\nthe rain comes in:\nthe stones will turn,\nthe songs begin;\n"
    ),
    "an interview": (
        "Q: When did you first see the river?\nA: As a child. We lived by the mill.\nQ: And the "
        "flood?\nA: That was later.\n"
    ),
    "a conversation": (
        "[05.03.24, 10:00:12] Ada: the ferry is late again\n[05.03.24, 10:00:40] Orr: as always\n"
        "[05.03.24, 10:01:02] Ada: we walk\n[05.03.24, 10:02:00] Orr: fine\n"
    ),
    "a live report": (
        "10:00:05 The race begins off the pier.\n10:04:10 Tern leads by a length.\n10:09:30 Heron "
        "is past her.\n10:12:00 Tern wins!\n"
    ),
    "a diary": (
        "2024-03-05 We walked to the weir.\n2024-03-06 Rain all day.\n2024-03-07 The ferry came at "
        "noon.\n2024-03-08 Home.\n"
    ),
    "a chronicle": (
        "1790: The mill is built.\n1842: It burns down.\n1843: It is built again.\n1914: The last miller leaves.\n"
    ),
    "quotations": (
        "“Nothing is lost.” — Ada Fell\n“The river forgets.” — Orr\n“We go on.” — Brook\n“So it is.” — Harrow\n"
    ),
    "a recipe": (
        "Flour: 200 g\nButter: 100 g\nSalt: a pinch\nEggs: 2\n\nMix; rest for an hour; roll out.\nBake at 180 °C.\n"
    ),
    "a note": "call the ferry office\nnew rope = 12 m\nask Orr: keys?\n",
    "an address": "Name: Ada Fell\nPhone: 555 0199\nStreet: Mill Lane 4\nTown: Lower Ossing\n",
    "news of a licence": "Court rules on free software\n\nThe firm must publish its code under the GNU General Public "
    "License, the court said on Friday. The licence says that the program comes without any warranty. The maker had "
    "argued that the Apache License, version 2.0 applied.\n\nThe case took four years, and the firm may yet appeal.\n",
    "a lesson with code": "How to count boats\n\nOpen a terminal and go to the folder in which your list lies. "
    "Then write this:\n\n    count = len(boats)\n    print(count)\n\n"
    "The first line counts the boats, and the second one shows how many there are. "
    "If nothing is shown, the list is empty, and you should look into the other folder first.\n",
    "German": (
        "Der Damm wurde am Montag abgelassen, um nach Rissen zu suchen; das sagte der Kreis. Er "
        "fasst 14,8 Mio. Tonnen.\n"
    ),
    "Arabic": "أُفرغ السد يوم الاثنين للبحث عن شقوق، بحسب ما قالت المقاطعة. ويتسع لثلاثة ملايين طن من الماء.\n",
    "Chinese": "县政府表示，大坝于星期一放水，以检查裂缝。水库可容纳三百万吨水，镇上的居民多年来一直依靠它。\n" * 20,
    "Japanese": "ダムは月曜日に排水され、ひび割れの検査が行われたと郡が発表した。貯水量は三百万トンである。\n" * 20,
    "Hindi": "बांध को सोमवार को दरारों की जांच के लिए खाली किया गया, ज़िले ने कहा। इसमें तीस लाख टन पानी आता है।\n",
    "Thai": "เขื่อนถูกระบายน้ำเมื่อวันจันทร์เพื่อตรวจหารอยร้าว เทศมณฑลกล่าว เขื่อนจุน้ำได้สามล้านตัน\n" * 10,
    "one line": "The ferry is late.\n",
    "one word": "Tern\n",
    "in brackets": "[The dam was drained on Monday to look for cracks, the county said.]\n",
    "names": "".join(f"Ada Fell {i}\n" for i in range(300)),
    "results": "Crew; Place; Time\nTern; 2; 7:41\nHeron; 1; 7:39\nGull; 3; 7:50\n",
}
