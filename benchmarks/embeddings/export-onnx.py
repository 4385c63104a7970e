"""The original checkpoint as an ordinary float32 ONNX file with dynamic axes, by torch's own exporter."""

import sys
import warnings

import torch
from transformers import AutoModel

warnings.filterwarnings("ignore")
checkpoint, target = sys.argv[1:]
model = AutoModel.from_pretrained(checkpoint, attn_implementation="eager").eval()


class LastHiddenState(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        inputs = {"attention_mask": attention_mask, "token_type_ids": token_type_ids}
        return self.model(input_ids, **inputs).last_hidden_state


names = ["input_ids", "attention_mask", "token_type_ids"]
example = torch.ones((2, 8), dtype=torch.int64)
torch.onnx.export(
    LastHiddenState(),
    (example, example, torch.zeros_like(example)),
    target,
    input_names=names,
    output_names=["last_hidden_state"],
    dynamic_axes={name: {0: "batch", 1: "tokens"} for name in [*names, "last_hidden_state"]},
    opset_version=17,
    dynamo=False,
)
