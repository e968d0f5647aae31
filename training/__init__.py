"""How the weights that are shipped in pipeline/weights were learned; not part of the package."""
