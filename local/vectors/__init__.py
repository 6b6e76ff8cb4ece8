"""The Pinecone data plane on SQLite: exact, immediately consistent, and told apart by nothing else."""
