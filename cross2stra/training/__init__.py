"""Objectives, examples, batches and the loop that trains a stage; the external translator of back-translation."""
