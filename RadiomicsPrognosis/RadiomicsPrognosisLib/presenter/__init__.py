"""What the panel shows and does, without Qt: choices, the live session, the study under way, results in the scene."""
