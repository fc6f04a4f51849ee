"""What a recipe is, and how its TOML file is read and checked."""
