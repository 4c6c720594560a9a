"""Find the folders in which browsers put the scripts, styles, pictures and frames of a page that they save."""

import os
from collections.abc import Collection, Iterable

PARTS_OF_A_PAGE = "the parts of the saved page beside it"

_PAGE_SUFFIXES = (".html", ".htm", ".xhtml", ".shtml", ".php", ".asp", ".aspx")
_FOLDER_ENDINGS = (
    ".files _files -Dateien _Dateien _fichiers _bestanden _file -filer _archivos _tiedostot _pliki _soubory _elemei "
    "_ficheiros _arquivos _dosyalar _datoteke _fitxers _failid _fails _bylos _fajlovi _fitxategiak _fájlok "
    "_файлы _файли _αρχεία _الملفات _文件 _檔案 _ファイル _파일".split()
)
"""What browsers and word processors put behind the name of the page, in the languages in which they are sold."""


def find_page_stems(names: Iterable[str]) -> set[str]:
    """Find the names of pages among those of files, without their endings."""
    return {stem for stem, suffix in map(os.path.splitext, names) if suffix.lower() in _PAGE_SUFFIXES}


def is_page_folder(name: str, stems: Collection[str]) -> bool:
    """Whether a folder of this name holds the parts of one of the pages beside it."""
    return any(name.endswith(ending) and name[: -len(ending)] in stems for ending in _FOLDER_ENDINGS)
