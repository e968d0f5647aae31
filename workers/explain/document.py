"""An explanation as a page that stands alone: one file, without a script, that loads nothing."""

from pipeline.explain import Explanation
from workers.explain.fragment import as_fragment
from workers.explain.markup import element, escaped
from workers.explain.style import POLICY, STYLE


def as_document(explanation: Explanation) -> str:
    """The whole page in HTML. All that stems from the explained page is escaped, and the policy allows no script."""
    title = explanation.draft.title if explanation.draft and explanation.draft.title else explanation.url
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escaped(title, 200)} - pagemill explain</title>"
        f"<style>{STYLE}</style>"
    )
    body = element("main", as_fragment(explanation))
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'
