"""What the humanoid does on command, and how it stands."""
