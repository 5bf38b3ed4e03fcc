"""Robots that move in MuJoCo: labelled motion of their own, clips performed through the safety filter, films."""
