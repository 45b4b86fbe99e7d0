"""From raw files to records, corpora, filtered and tokenised text: readers, sources, and the files that all rooms write."""
