"""The list of conversations beside the chat, in HTML of which only our own parts are live."""

from collections.abc import Sequence

import gradio as gr

from rag.web.escaping import inert, inert_line
from rag.web.kept import Kept

# Tells Python which conversation is meant; renaming and deleting ask first.
_CHOOSE = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { chat, rename, remove, title } = button.dataset;
  if (chat) trigger("select", { id: chat });
  const given = rename && prompt("Name of this conversation", title);
  if (given) trigger("edit", { id: rename, title: given });
  if (remove && confirm(`Delete “${title}”? This cannot be undone.`)) trigger("delete", { id: remove });
});
"""


def chat_list() -> gr.HTML:
    """The component, still empty; its events select, edit and delete carry the id of a conversation."""
    return gr.HTML(listed((), ""), elem_id="chats", js_on_load=_CHOOSE, apply_default_css=False)


def listed(kept: Sequence[Kept], current: str) -> str:
    """The conversations that a browser keeps, the current one marked."""
    if not kept:
        return '<p class="quiet">Conversations are kept in this browser.</p>'
    return "<ul>" + "".join(_item(one, one.id == current) for one in kept) + "</ul>"


def _item(one: Kept, current: bool) -> str:
    id, title = inert(one.id), inert_line(one.title) or "Untitled"
    mark = ' aria-current="true"' if current else ""
    return (
        f'<li{mark}><button type="button" class="open" data-chat="{id}">{title}</button>'
        f'<button type="button" data-rename="{id}" data-title="{title}" aria-label="Rename {title}">✎</button>'
        f'<button type="button" data-remove="{id}" data-title="{title}" aria-label="Delete {title}">×</button></li>'
    )
