"""The human study: forms for raters (Table 4, Figure 8), what they export, and what it says. No rating is ever made up."""
