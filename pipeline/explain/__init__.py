"""Why the pipeline made of a page what it made, as values: nothing here is on the way of a page through the mill."""

from pipeline.explain.explain import explain_page
from pipeline.explain.explanation import WHY, Explanation, Fate, Field, Part, Sameness, Stage
from pipeline.explain.pair import Comparison, Policy, Side, compare_pages, side_of

__all__ = [
    "WHY", "Comparison", "Explanation", "Fate", "Field", "Part", "Policy", "Sameness", "Side", "Stage", "compare_pages",
    "explain_page", "side_of",
]  # fmt: skip
