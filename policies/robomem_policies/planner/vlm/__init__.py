"""Plans by a language model that may see: any OpenAI-compatible endpoint, or a local model of transformers."""
