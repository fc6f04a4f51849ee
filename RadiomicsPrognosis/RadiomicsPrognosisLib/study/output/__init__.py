"""The files a study leaves: model and scaling files, tables, and the folder that holds them."""
