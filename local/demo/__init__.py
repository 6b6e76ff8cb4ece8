"""The bundled recording: what is said in it, how it was made, and how well it is understood."""
