"""Pages out of files: HTML and text, plain or gzipped, folders of them, JSONL and WARC, and standard input."""

from workers.inputs.intake import Intake

__all__ = ["Intake"]
