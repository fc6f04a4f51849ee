"""The parts of the IBSI benchmark, a module each; ``./run bench`` runs only what lies beside this folder."""
