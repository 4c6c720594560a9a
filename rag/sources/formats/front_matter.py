"""Split the YAML front matter off a Markdown file."""

from rag.errors import SourceError

_LIMIT = 64_000


def split(text: str) -> tuple[dict[str, object], str]:
    """The fields of the front matter, each value as it is written, and the text behind it.

    Raises SourceError for front matter that is broken, over 64,000 characters or uses aliases. A text that only
    begins with a ruled line has none.
    """
    from frontmatter.default_handlers import YAMLHandler

    handler = YAMLHandler()
    text = text.lstrip()
    if not handler.detect(text):
        return {}, text
    try:
        block, content = handler.split(text)
    except ValueError:
        return {}, text
    if len(block) > _LIMIT:
        raise SourceError(f"its front matter is over {_LIMIT:,} characters")
    try:
        found = _load(block)
    except SourceError:
        if block.startswith("\n\n"):
            return {}, text
        raise
    if found is None:
        return {}, content
    return (found, content) if isinstance(found, dict) else ({}, text)


def _load(block: str) -> object:
    """The YAML of a block with every scalar as the string that is written there; null is an empty string."""
    import yaml  # type: ignore[import-untyped, unused-ignore]

    try:
        # A few aliases of aliases unfold to gigabytes, so none is read.
        if "*" in block and any(isinstance(token, yaml.AliasToken) for token in yaml.scan(block, yaml.BaseLoader)):
            raise SourceError("its front matter uses YAML aliases (*name), which are not read")
        # BaseLoader keeps "007", "1984-13-45" and "No" as they are. Written in Python, it also survives deep nesting:
        # the C loader, the default of python-frontmatter, brings the whole process down.
        found = yaml.load(block, yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise SourceError(f"its front matter is not valid YAML{line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise SourceError(f"its front matter is not valid YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise SourceError("its front matter is nested too deeply") from error
    if isinstance(found, dict):
        return {str(key): "" if value in ("~", "null") else value for key, value in found.items()}
    return found or None
