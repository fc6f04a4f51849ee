"""How far features and contours repeat between readers and sessions: intraclass correlation and overlap."""
