"""The schema of the catalogue, and its migrations."""

from rag.text.dates import DATE_NOTE

_TABLES = (
    """CREATE TABLE IF NOT EXISTS articles (
    id TEXT PRIMARY KEY, version TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL,
    url TEXT NOT NULL, date TEXT NOT NULL, author TEXT NOT NULL, metadata TEXT NOT NULL, origin TEXT NOT NULL,
    root TEXT NOT NULL, added REAL NOT NULL, passages INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS versions ON articles (id, version, source, origin, root, passages)",
    "CREATE TABLE IF NOT EXISTS unsettled (id TEXT, version TEXT, PRIMARY KEY (id, version))",
    "CREATE TABLE IF NOT EXISTS sources (source TEXT PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS state (changes INTEGER NOT NULL)",
    "INSERT INTO state SELECT 0 WHERE NOT EXISTS (SELECT * FROM state)",
)
# Words are parted by one space, line end or blank line, as the loaders leave them.
_COUNTED = """id, title, source, date, url,
    length(replace(text, char(10, 10), ' ')) - length(replace(replace(text, ' ', ''), char(10), '')) + 1, added,
    lower(title || char(10) || source || char(10) || id)"""
_LISTING = (
    """CREATE TABLE listing (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, source TEXT NOT NULL, date TEXT NOT NULL, url TEXT NOT NULL,
    words INTEGER NOT NULL, added REAL NOT NULL, names TEXT NOT NULL
    ) WITHOUT ROWID""",
    f"INSERT INTO listing SELECT {_COUNTED} FROM articles",
    f"""CREATE TRIGGER listed AFTER INSERT ON articles BEGIN
    INSERT OR REPLACE INTO listing SELECT {_COUNTED} FROM articles WHERE id = NEW.id;
    END""",
    "CREATE TRIGGER unlisted AFTER DELETE ON articles BEGIN DELETE FROM listing WHERE id = OLD.id; END",
)
"""What a list shows, without the texts that it would have to read; also what an older version writes comes into it."""
_ONLINE = (
    "ALTER TABLE sources ADD COLUMN since TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE sources ADD COLUMN most INTEGER NOT NULL DEFAULT 0",
    "CREATE TABLE outcomes (source TEXT PRIMARY KEY, read INTEGER, failed INTEGER, reason TEXT, at REAL)",
    "CREATE TABLE visits (place TEXT PRIMARY KEY, etag TEXT, modified TEXT, digest TEXT) WITHOUT ROWID",
)
"""Sources with what is wanted of them and what came of it, and what addresses said when they were read."""
_PUBLISHERS = ("CREATE INDEX IF NOT EXISTS publishers ON articles (source)",)
"""So that their names are found without looking at every article."""
_MARKS = ("CREATE TABLE marks (place TEXT PRIMARY KEY, digest TEXT NOT NULL, articles INTEGER NOT NULL) WITHOUT ROWID",)
"""By what files are known that have not changed since they were read."""
COUNTED = f"""{_COUNTED}, metadata LIKE '%"{DATE_NOTE}"%'"""
_EDITS = (
    "CREATE TABLE edits (id TEXT PRIMARY KEY, fields TEXT NOT NULL) WITHOUT ROWID",
    "ALTER TABLE listing ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0",
    "DROP TRIGGER listed",
    f"""CREATE TRIGGER listed AFTER INSERT ON articles BEGIN
    INSERT OR REPLACE INTO listing SELECT {COUNTED} FROM articles WHERE id = NEW.id;
    END""",
)
"""What people have set of articles, as JSON, also of those that are gone and may come back; and whose day is unsure."""
_PENDING = (
    "CREATE TABLE pending (id TEXT PRIMARY KEY, version TEXT NOT NULL, day TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX newest_pending ON pending (day, id)",
    "CREATE TRIGGER embedded AFTER INSERT ON articles BEGIN DELETE FROM pending WHERE id = NEW.id; END",
    "CREATE TRIGGER not_pending AFTER DELETE ON articles BEGIN DELETE FROM pending WHERE id = OLD.id; END",
)
"""The articles that have no vectors yet; one that an older version writes has some, hence the triggers."""
STEPS = (_TABLES, _LISTING, _ONLINE, _PUBLISHERS, _MARKS, _EDITS, _PENDING)
"""How a file comes from one version to the next; `user_version` counts those it has taken."""
