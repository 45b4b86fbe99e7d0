"""One reader for each raw format: records for what it could read, a quarantined line with its reason for the rest."""
