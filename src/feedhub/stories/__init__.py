"""Stories: which entries are the same text, and what they are about. Pure functions of facts and configuration."""
