"""Contestant: PyTorch eager with transformers, mean pooling and normalisation as sentence-transformers does it."""

import json
import resource
import sys
import time

import torch
import transformers
from transformers import AutoModel, AutoTokenizer

checkpoint, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
started = time.perf_counter()
tokenizer = AutoTokenizer.from_pretrained(checkpoint)
model = AutoModel.from_pretrained(checkpoint).eval()
attention = model.config._attn_implementation


@torch.inference_mode()
def embed(texts):
    inputs = tokenizer(texts, padding=True, truncation=True, max_length=256, return_tensors="pt")
    hidden = model(**inputs).last_hidden_state
    mask = inputs["attention_mask"].unsqueeze(-1).to(hidden.dtype)
    mean = (hidden * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(mean, dim=1)


def say(value):
    print(json.dumps(value), flush=True)


versions = {"torch": torch.__version__, "transformers": transformers.__version__, "attention": attention}
say({"versions": versions, "loadSeconds": time.perf_counter() - started})
for line in sys.stdin:
    question = json.loads(line)
    texts, size = question["texts"], question["batchSize"]
    started, processor = time.perf_counter(), time.process_time()
    vectors = [embed(texts[at : at + size]) for at in range(0, len(texts), size)]
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say({"seconds": seconds, "cpuSeconds": cpu_seconds, "first": vectors[0][0].tolist(), "peakMemoryMiB": peak})
