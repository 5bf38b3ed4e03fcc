"""Things to put on the table: each `add_…` puts one into a spec, named after it, standing at `pos`.

Positions are (x, y) or (x, y, z of the foot) in metres in the world frame, whose origin is the arm's base on the table
top; colours are RGBA in [0, 1].
"""

from robomem_assets.props.box import add_box
from robomem_assets.props.button import BUTTON_TRAVEL_M, add_button
from robomem_assets.props.cube import add_cube
from robomem_assets.props.cup import add_cup
from robomem_assets.props.lamp import add_lamp, set_lamp
from robomem_assets.props.pad import add_pad
from robomem_assets.props.prisms import add_prism
from robomem_assets.props.smudge import add_smudge
from robomem_assets.props.sorter import add_sorter
from robomem_assets.props.sponge import add_sponge

__all__ = [
    "BUTTON_TRAVEL_M",
    "add_box",
    "add_button",
    "add_cube",
    "add_cup",
    "add_lamp",
    "add_pad",
    "add_prism",
    "add_smudge",
    "add_sorter",
    "add_sponge",
    "set_lamp",
]
