"""The list of conversations, kept and drawn by the browser."""

from pathlib import Path

import gradio as gr

_SCRIPT = Path(__file__).with_name("conversations.js")
HEAD = """<script>
try { localStorage.length; }
catch {
  const nothing = { getItem: () => null, setItem() {}, removeItem() {} };
  Object.defineProperty(window, "localStorage", { value: nothing });
}
</script>"""
"""Stand in for the storage of a browser that keeps nothing, where Gradio's page would stop."""
RESTORE = """async (former) => {
  while (!window.conversations) await new Promise((done) => setTimeout(done, 10));
  return conversations.restore(former);
}"""
"""Give Python the record that the tab showed before it was loaded again."""
KEEP = "(record) => conversations.keep(record)"
"""Have the browser keep a record, and give it back as it was kept."""
UNEDITED = "(messages) => [conversations.unedited(messages)]"
"""The chat with the questions as they were before one was edited."""


def chat_list() -> gr.HTML:
    """Make the list as a component; its event `select` carries a record, `delete` says that the current one is gone."""
    script = _SCRIPT.read_text("utf-8")
    return gr.HTML('<div class="list"></div>', elem_id="chats", js_on_load=script, apply_default_css=False)
