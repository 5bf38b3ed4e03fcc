"""Homes: apartments, what stands and lies in them, and a mobile manipulator.

Metres, kilograms, radians; z up; the origin is the south-west corner of the apartment's floor. Furniture faces along
its own +x axis.
"""
