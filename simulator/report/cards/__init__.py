"""Cards: titles, tables and notes, independent of where they are written."""
