"""Explanations as HTML: a fragment for a page of one's own, with its style, and a page that stands alone."""

from workers.explain.document import as_document
from workers.explain.fragment import as_fragment
from workers.explain.style import POLICY, STYLE

__all__ = ["POLICY", "STYLE", "as_document", "as_fragment"]
