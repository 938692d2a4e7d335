"""Engraving: notes as MusicXML."""
