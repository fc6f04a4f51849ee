"""What the Slicer panel shows and does, without Qt: choices, cases, the live state machine, results in the scene."""
