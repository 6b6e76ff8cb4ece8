"""Task lists that users keep elsewhere: signing in there, choosing a place, putting tasks into it."""
