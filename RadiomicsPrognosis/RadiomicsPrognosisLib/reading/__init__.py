"""Readers' studies: who contours what again, and how well contours, features and scores repeat."""
