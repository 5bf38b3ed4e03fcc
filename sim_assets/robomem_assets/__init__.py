"""MuJoCo models of our own."""
