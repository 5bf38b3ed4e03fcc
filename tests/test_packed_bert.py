"""BERT over packed texts: the model's own numbers, and each text blind to the others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from robomem.packed_bert import PackedBert  # noqa: E402

TEXTS = st.lists(st.lists(st.integers(0, 49), min_size=1, max_size=12), min_size=1, max_size=6)


@pytest.fixture(scope="module", params=["float32", "bfloat16"])
def models(request):
    torch.manual_seed(0)
    kind = transformers.BertConfig(
        vocab_size=50,
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=16,
    )
    model = transformers.BertModel(kind, add_pooling_layer=False).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.2)  # as it is made, biases are zero and norms one
    own = transformers.BertModel(kind, add_pooling_layer=False).eval()
    own.load_state_dict(model.state_dict())
    with torch.inference_mode():
        packed = PackedBert(own.to(getattr(torch, request.param)))
    return model, packed, 1e-5 if request.param == "float32" else 0.05


@settings(max_examples=40)
@given(TEXTS)
def test_it_is_the_models_own_forward(models, texts):
    model, packed, error = models
    with torch.inference_mode():
        found = packed.means(texts)
        wanted = [model(input_ids=torch.tensor([one])).last_hidden_state[0].mean(0) for one in texts]
    for one, other in zip(found, wanted, strict=True):
        assert torch.linalg.norm(one - other) <= error * torch.linalg.norm(other)


@settings(max_examples=40)
@given(TEXTS)
def test_a_text_does_not_depend_on_its_company(models, texts):
    _, packed, error = models
    with torch.inference_mode():
        together = packed.means(texts)
        alone = torch.cat([packed.means([one]) for one in texts])
    assert np.allclose(together, alone, atol=error)


@pytest.mark.parametrize("other", [{"hidden_act": "relu"}, {"is_decoder": True}])
def test_another_kind_of_model_is_left_to_its_own_forward(other):
    small = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    model = transformers.BertModel(transformers.BertConfig(vocab_size=9, **small, **other))
    assert not PackedBert.fits(model)
