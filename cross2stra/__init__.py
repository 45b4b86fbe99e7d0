"""Cross2StrA: cross-lingual image captioning with structures as pivots (Wu et al., ACL 2023)."""

__version__ = "0.1.0"
