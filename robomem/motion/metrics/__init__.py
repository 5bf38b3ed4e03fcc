"""Numbers that tell how good motions are: in an embedding, and from kinematics alone.

Letters in shapes: n clips, d numbers of an embedding, T frames, J joints.
"""

from robomem.motion.metrics.distribution import diversity, frechet_distance, multimodality
from robomem.motion.metrics.door import Embedding, evaluators
from robomem.motion.metrics.measures import Measures, measure
from robomem.motion.metrics.retrieval import mm_distance, r_precision
from robomem.motion.metrics.smoothness import area_under_jerk, jerk, peak_jerk, transition_curve, usual_jerk

__all__ = [
    "Embedding",
    "Measures",
    "area_under_jerk",
    "diversity",
    "evaluators",
    "frechet_distance",
    "jerk",
    "measure",
    "mm_distance",
    "multimodality",
    "peak_jerk",
    "r_precision",
    "transition_curve",
    "usual_jerk",
]
