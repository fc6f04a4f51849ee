"""The panel's sections, each in a file of its own; panel.py lists them in their order."""
