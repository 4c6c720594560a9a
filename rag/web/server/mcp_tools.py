"""Keep the MCP server that Gradio adds to the page to the tools a model is offered."""

from importlib.util import find_spec

import gradio as gr

MCP_PATH = "/gradio_api/mcp"
TOOLS = ("ask", "search")
"""What a model is offered over MCP."""


def is_mcp_installed() -> bool:
    """Return whether the package is installed that Gradio needs for its MCP server."""
    return find_spec("mcp") is not None


def restrict_tools(page: gr.Blocks) -> None:
    """Remove everything but TOOLS from the MCP server of a launched page, where it has one."""
    if (served := page.mcp_server_obj) is None:
        return
    # Gradio makes a tool of every endpoint, and calls any that is named, listed or not.
    served.tool_to_endpoint = {name: path for name, path in served.tool_to_endpoint.items() if name in TOOLS}
    # To read a resource or prompt, Gradio opens a client of its own, which looks for a registry on the internet.
    handlers = served.mcp_server.request_handlers
    for kind in [kind for kind in handlers if "Resource" in kind.__name__ or "Prompt" in kind.__name__]:
        del handlers[kind]
