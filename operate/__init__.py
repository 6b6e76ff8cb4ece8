"""What administrators of the backend do from their own machine; never deployed."""
