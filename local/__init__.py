"""The local cloud: servers that speak Google's and Pinecone's wire protocols, on SQLite and files. Never deployed."""
