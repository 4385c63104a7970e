"""The reference for tests/interop/tokenizers-*.test.ts: one request a line of standard input, one answer a line.

    {"op": "load", "path": … | "json": …}          the tokenizer that the next requests ask
    {"op": "digests", "blocks": path, "call": …}   a digest for each block (a line of the file) and field
    {"op": "rows", "inputs": […], "call": …}       the fields themselves
    {"op": "decode", "lists": [[id, …], …]}        text without and with special tokens, and steps of a stream

A call says how to encode: addSpecialTokens, encodeSpecialTokens, truncation and padding (null for none, absent for
what the file says), fields. An input is a text, a list of words, or {"text", "pair"} of these. Every answer has
"error" where the reference refuses or panics.
"""

import json
import os
import sys
from array import array
from hashlib import md5
from itertools import chain

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tokenizers
from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream


class Loaded:
    def __init__(self, request):
        text = request["json"] if "json" in request else open(request["path"], encoding="utf-8").read()
        self.text = text
        self.tokenizer = Tokenizer.from_str(text)
        self.untouched = True
        self.truncation = self.tokenizer.truncation
        self.padding = self.tokenizer.padding

    def set_up(self, call):
        if "truncation" not in call and "padding" not in call:
            # What a file says is not checked as what is set later, so it cannot be set back.
            if not self.untouched and (self.truncation or self.padding):
                self.tokenizer = Tokenizer.from_str(self.text)
                self.untouched = True
            if self.truncation or self.padding:
                self.tokenizer.encode_special_tokens = call.get("encodeSpecialTokens", False)
                return call.get("addSpecialTokens", True)
        self.untouched = False
        tokenizer = self.tokenizer
        truncation = call["truncation"] if "truncation" in call else self.truncation
        padding = call["padding"] if "padding" in call else self.padding
        tokenizer.no_truncation()
        tokenizer.no_padding()
        if truncation:
            tokenizer.enable_truncation(**truncation)
        if padding:
            tokenizer.enable_padding(**padding)
        tokenizer.encode_special_tokens = call.get("encodeSpecialTokens", False)
        return call.get("addSpecialTokens", True)


def sides(item):
    return [item["text"], item["pair"]] if isinstance(item, dict) else [item]


def encode(loaded, inputs, call):
    """One list of rows an input: the encoding and what overflows."""
    special = loaded.set_up(call)
    batch = [tuple(sides(item)) if isinstance(item, dict) else item for item in inputs]
    if not batch:
        return []
    pretokenized = isinstance(sides(inputs[0])[0], list)
    encodings = loaded.tokenizer.encode_batch(batch, is_pretokenized=pretokenized, add_special_tokens=special)
    return [[encoding, *encoding.overflowing] for encoding in encodings]


def numbers(values):
    return [-1 if value is None else value for value in values]


FIELDS = {
    "ids": lambda row, _: row.ids,
    "tokens": lambda row, _: row.tokens,
    "offsets": lambda row, _: list(chain.from_iterable(row.offsets)),
    "wordIds": lambda row, _: numbers(row.word_ids),
    "sequenceIds": lambda row, _: numbers(row.sequence_ids),
    "typeIds": lambda row, _: row.type_ids,
    "specialTokensMask": lambda row, _: row.special_tokens_mask,
    "attentionMask": lambda row, _: row.attention_mask,
    "text": lambda row, loaded: loaded.tokenizer.decode(row.ids, skip_special_tokens=True),
    "textWithSpecials": lambda row, loaded: loaded.tokenizer.decode(row.ids, skip_special_tokens=False),
}


def digest(loaded, inputs, call):
    """One digest a field, over all rows of a block: counts and values, as integers or as text."""
    rows = [row for rows in encode(loaded, inputs, call) for row in rows]
    return [md5(canonical([FIELDS[field](row, loaded) for row in rows])).hexdigest()[:16] for field in call["fields"]]


def canonical(values):
    if any(isinstance(value, str) or value and isinstance(value[0], str) for value in values):
        lists = [[value] if isinstance(value, str) else value for value in values]
        return "".join(f"{len(texts)}\n" + "\0".join([*texts, ""]) for texts in lists).encode("utf-8")
    stream = array("i")
    for value in values:
        stream.append(len(value))
        stream.extend(value)
    return stream.tobytes()


def is_ambiguous(tokenizer):
    """Which of added tokens with one normalized text is found depends on the order of a hash map."""
    normalizer = tokenizer.normalizer
    tokens = tokenizer.get_added_tokens_decoder().values()
    forms = [normalizer.normalize_str(t.content) if normalizer and t.normalized else t.content for t in tokens]
    return "" in forms or len(set(forms)) < len(forms)


def decode(tokenizer, ids):
    stream, steps = DecodeStream(skip_special_tokens=False), []
    for id in ids:
        step = guarded(lambda: stream.step(tokenizer, id))
        if isinstance(step, dict) and step["error"].startswith("PanicException"):
            break
        steps.append(step)
        if isinstance(step, dict):
            break
    return {
        "text": tokenizer.decode(ids, skip_special_tokens=True),
        "textWithSpecials": tokenizer.decode(ids, skip_special_tokens=False),
        "steps": steps,
    }


def guarded(work):
    """Panics of the reference are no subclass of Exception."""
    try:
        return work()
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return {"error": f"{type(error).__name__}: {error}"}


def answer(request, state):
    op = request["op"]
    if op == "load":
        state["loaded"] = Loaded(request)
        return {"version": tokenizers.__version__, "ambiguous": is_ambiguous(state["loaded"].tokenizer)}
    loaded = state["loaded"]
    if op == "digests":
        with open(request["blocks"], encoding="utf-8") as lines:
            blocks = [json.loads(line) for line in lines]
        return {"digests": [guarded(lambda: digest(loaded, block, request["call"])) for block in blocks]}
    if op == "decode":
        return {"texts": [guarded(lambda: decode(loaded.tokenizer, ids)) for ids in request["lists"]]}
    rows = lambda item: [
        {field: FIELDS[field](row, loaded) for field in request["call"]["fields"]}
        for row in encode(loaded, [item], request["call"])[0]
    ]
    return {"rows": [guarded(lambda: rows(item)) for item in request["inputs"]]}


if __name__ == "__main__":
    state = {}
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the reference prints is no answer
    for line in sys.stdin:
        answers.write(json.dumps(guarded(lambda: answer(json.loads(line), state))) + "\n")
        answers.flush()
