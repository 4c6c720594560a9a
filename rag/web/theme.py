"""The theme of the page: system fonts and colours, nothing fetched from elsewhere."""

from pathlib import Path

import gradio as gr

STYLES = Path(__file__).with_name("page.css")
_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
_PAPER = ("#faf9f6", "#17181a")
_SHEET = ("#ffffff", "#1f2123")
_INK = ("#1e2022", "#e5e3dd")
_QUIET = ("#64676b", "#9da0a5")
_RULE = ("#e2e0d9", "#34373a")
_ACCENT = ("#0d5c63", "#7cc7cb")
"""Each colour for light and for dark."""
_COLOURS = {
    "body_background_fill": _PAPER,
    "background_fill_primary": _SHEET,
    "background_fill_secondary": _PAPER,
    "block_background_fill": _PAPER,
    "block_border_color": _RULE,
    "border_color_primary": _RULE,
    "body_text_color": _INK,
    "body_text_color_subdued": _QUIET,
    "block_label_text_color": _QUIET,
    "block_title_text_color": _QUIET,
    "input_background_fill": _SHEET,
    "input_border_color": _RULE,
    "input_border_color_focus": _ACCENT,
    "input_placeholder_color": _QUIET,
    "button_primary_background_fill": _ACCENT,
    "button_primary_background_fill_hover": _ACCENT,
    "button_primary_text_color": _SHEET,
    "button_secondary_background_fill": _SHEET,
    "button_secondary_background_fill_hover": _PAPER,
    "button_secondary_border_color": _RULE,
    "button_secondary_text_color": _INK,
    "checkbox_background_color_selected": _ACCENT,
    "link_text_color": _ACCENT,
    "link_text_color_hover": _ACCENT,
    "link_text_color_visited": _ACCENT,
    "link_text_color_active": _ACCENT,
}


def theme() -> gr.themes.Base:
    """Build the page's theme: Gradio's plain one with system fonts and the page's colours."""
    plain = gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=_SANS, font_mono=_MONO, radius_size="md")
    light = {name: pair[0] for name, pair in _COLOURS.items()}
    dark = {f"{name}_dark": pair[1] for name, pair in _COLOURS.items()}
    return plain.set(**light, **dark)
