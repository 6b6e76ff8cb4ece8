"""Task lists that users keep at other services: signing in there, choosing a place, putting tasks into it."""
