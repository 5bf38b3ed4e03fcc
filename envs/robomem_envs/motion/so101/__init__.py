"""What the SO-101 arm does on command."""
