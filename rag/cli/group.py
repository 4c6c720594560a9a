"""The group that the commands join."""

import click

from rag.cli.options import Group, debug_option, index_option


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rag-articles", prog_name="rag")
@debug_option
@index_option
def main() -> None:
    """Ask a pile of articles; every sentence of the answer cites the passage it comes from.

    A SOURCE is a file, a folder, the address of a web page, feed or sitemap, a file that lists addresses, a .jsonl or
    .jsonl.gz of articles (one object a line: id, title, text, source, url, date), or - for standard input.
    """
