"""Starts the memory with what somebody already has: records out of JSONL or Parquet."""

from workers.remember.corpus import Corpus
from workers.remember.run import Summary, remember_corpus

__all__ = ["Corpus", "Summary", "remember_corpus"]
