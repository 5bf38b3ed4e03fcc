"""Sequence memories: one interface, chosen by name. ``make("hcam", input_size=64)``."""

from robomem.sequence.memory import MemoryState, SequenceMemory, make, memories

__all__ = ["MemoryState", "SequenceMemory", "make", "memories"]

memories.add("none", "robomem.sequence.memoryless:Memoryless")
memories.add("gru", "robomem.sequence.recurrent:GRU")
memories.add("lstm", "robomem.sequence.recurrent:LSTM")
memories.add("transformer_xl", "robomem.sequence.transformer_xl:TransformerXL")
memories.add("hcam", "robomem.sequence.hcam:HierarchicalChunkAttention")
memories.add("mamba2", "robomem.sequence.mamba2:Mamba2")
