"""The suite navigate: towards what is described, step by step, in the apartments (after EB-Navigation)."""
