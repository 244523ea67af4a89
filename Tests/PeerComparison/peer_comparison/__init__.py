"""Compares `workbench opt` with the other graph simplifiers, on models that are exported here."""
