"""Constituency trees of sentences (SC): treebanks, a trained Berkeley parser, its scores."""
