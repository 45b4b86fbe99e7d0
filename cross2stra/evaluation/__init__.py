"""Scores of captions: metrics, statistics of each picture, significance, senses; also the language model of a guard."""
