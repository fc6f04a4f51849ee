"""From an image and a VOI to named radiomic features under a protocol."""
