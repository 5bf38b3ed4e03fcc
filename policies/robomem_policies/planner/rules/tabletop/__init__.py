"""Rules for an arm at a table whose actions are seven integers: read the request, find what it means, move there."""
