"""Numbers that tell how good motions are: in an embedding, and from kinematics alone.

distribution: FID, diversity, multimodality · retrieval: R-precision, MM-distance · smoothness: jerk at transitions ·
measures, verdict: what a motion shows · segmentation, order: one action after the other · door: who embeds.

Letters in shapes: n clips, d numbers of an embedding, T frames, J joints.
"""
