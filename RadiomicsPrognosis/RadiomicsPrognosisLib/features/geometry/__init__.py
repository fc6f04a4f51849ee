"""The geometry that shape features are computed from: meshes around a mask, their diameters, and a mask's axes."""
