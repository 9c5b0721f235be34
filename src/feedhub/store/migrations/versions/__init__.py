"""The schema versions, oldest first; a file that was released is never edited."""
