"""Sections of a scenario whose content is a table: the catalogue of items, today's books."""
