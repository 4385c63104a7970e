"""transformers: original checkpoints from the Hub by name, and back to it."""

import base64
import json
import os
import pathlib

import numpy
import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer

from harness import CHECKPOINT, USER, api, elsewhere, new_repo

FIXTURE = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "transformers" / "minilm-embeddings.json"


def uploaded():
    repo_id = new_repo()
    api().upload_folder(repo_id=repo_id, folder_path=CHECKPOINT)
    return repo_id


def embed(tokenizer, model, text):
    inputs = tokenizer(text, truncation=True, max_length=256, return_tensors="pt")
    with torch.inference_mode():
        hidden = model(**inputs).last_hidden_state
    vector = hidden.mean(dim=1)
    return torch.nn.functional.normalize(vector, dim=1)[0].numpy()


def test_auto_model_gives_the_golden_embeddings():
    repo_id = uploaded()
    tokenizer = AutoTokenizer.from_pretrained(repo_id)
    model = AutoModel.from_pretrained(repo_id)
    assert type(model).__name__ == "BertModel", type(model)
    worst = 0.0
    for case in json.loads(FIXTURE.read_text())["cases"]:
        expected = numpy.frombuffer(base64.b64decode(case["expected"]), dtype="<f4")
        worst = max(worst, float(numpy.abs(embed(tokenizer, model, case["input"]) - expected).max()))
    print(f"largest difference {worst:.2e}")
    assert worst < 1e-5, worst


def test_push_to_hub_and_back():
    repo_id = new_repo()
    config = AutoConfig.from_pretrained(CHECKPOINT)
    config.num_hidden_layers = 1
    torch.manual_seed(0)
    model = AutoModel.from_config(config)
    commit = model.push_to_hub(repo_id, commit_message="One layer")
    AutoTokenizer.from_pretrained(CHECKPOINT).push_to_hub(repo_id)
    assert "model.safetensors" in api().list_repo_files(repo_id), commit
    loaded = AutoModel.from_pretrained(repo_id)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, loaded.state_dict()[name]), name
    assert AutoTokenizer.from_pretrained(repo_id)("Hello")["input_ids"] == [101, 7592, 102]
    info = api().model_info(repo_id)
    assert info.config["model_type"] == "bert" and "safetensors" in info.tags, info


def test_loads_again_with_the_network_off():
    repo_id = uploaded()
    AutoTokenizer.from_pretrained(repo_id)
    AutoModel.from_pretrained(repo_id)
    code = """
import sys
from transformers import AutoModel, AutoTokenizer
AutoTokenizer.from_pretrained(sys.argv[1], cache_dir=sys.argv[2])
print(type(AutoModel.from_pretrained(sys.argv[1], cache_dir=sys.argv[2])).__name__)
"""
    cache = os.path.join(os.environ["HF_HOME"], "hub")
    assert elsewhere(code, repo_id, cache, HF_HUB_OFFLINE="1") == "BertModel"


def test_missing_model_says_so():
    try:
        AutoModel.from_pretrained(f"{USER}/there-is-none")
    except OSError as error:
        assert "is not a local folder and is not a valid model identifier" in str(error), error
    else:
        raise AssertionError("loaded a model that is not there")
