def batch_to_transition(batch):
    return {
        "observation": {key: part for key, part in batch.items() if key.startswith("observation.")},
        "action": batch.get("action"),
        "complementary_data": {"task": batch["task"]} if "task" in batch else {},
    }


def transition_to_batch(transition):
    return {"action": transition["action"], **transition["complementary_data"], **transition["observation"]}


def policy_action_to_transition(action):
    return {"observation": {}, "action": action, "complementary_data": {}}


def transition_to_policy_action(transition):
    return transition["action"]
