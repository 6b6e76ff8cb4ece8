"""What `operate doctor` looks at: settings by themselves, and every store by asking it."""
