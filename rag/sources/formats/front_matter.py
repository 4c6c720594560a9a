"""Split the YAML front matter off a Markdown file."""

from rag.errors import SourceError
from rag.sources.formats.records import ParsedDocument

_MAX_FRONT_MATTER_CHARS = 64_000


def split_front_matter(text: str) -> ParsedDocument:
    """Split a text into the fields of its front matter, each value as it is written, and the text behind it.

    Raises SourceError for front matter that is broken, over 64,000 characters or uses aliases. A text that only
    begins with a ruled line has none.
    """
    from frontmatter.default_handlers import YAMLHandler

    handler = YAMLHandler()
    text = text.lstrip()
    if not handler.detect(text):
        return ParsedDocument({}, text)
    try:
        block, content = handler.split(text)
    except ValueError:
        return ParsedDocument({}, text)
    if len(block) > _MAX_FRONT_MATTER_CHARS:
        raise SourceError(f"its front matter is over {_MAX_FRONT_MATTER_CHARS:,} characters")
    try:
        fields = _parse_yaml(block)
    except SourceError:
        if block.startswith("\n\n"):
            return ParsedDocument({}, text)
        raise
    if fields is None:
        return ParsedDocument({}, content)
    return ParsedDocument(fields, content) if isinstance(fields, dict) else ParsedDocument({}, text)


def _parse_yaml(block: str) -> object:
    """Parse a block of YAML with every scalar as the string that is written there.

    A null value of the top mapping becomes an empty string, an empty block None. Raises SourceError for invalid YAML,
    aliases and too deep nesting.
    """
    import yaml  # type: ignore[import-untyped, unused-ignore]

    try:
        # A few aliases of aliases unfold to gigabytes, so none is read.
        if "*" in block and any(isinstance(token, yaml.AliasToken) for token in yaml.scan(block, yaml.BaseLoader)):
            raise SourceError("its front matter uses YAML aliases (*name), which are not read")
        # BaseLoader keeps "007", "1984-13-45" and "No" as they are. Written in Python, it also survives deep nesting:
        # the C loader, the default of python-frontmatter, brings the whole process down.
        value = yaml.load(block, yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise SourceError(f"its front matter is not valid YAML{line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise SourceError(f"its front matter is not valid YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise SourceError("its front matter is nested too deeply") from error
    if isinstance(value, dict):
        return {str(key): "" if value in ("~", "null") else value for key, value in value.items()}
    return value or None
