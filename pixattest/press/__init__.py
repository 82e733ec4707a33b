"""Plate + records → PDF."""
