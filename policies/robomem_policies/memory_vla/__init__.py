"""MemoryVLA: vision and language, a perceptual and a cognitive bank, a diffusion action expert."""
