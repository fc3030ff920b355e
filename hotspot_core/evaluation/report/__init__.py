"""What an evaluation leaves behind: tables for text and spreadsheets, all scores, and a page to look at."""
