"""Contestants in Python: `python rivals.py NAME THREADS`. Answers the same questions as serve.mjs."""

import gc
import hashlib
import importlib.metadata
import json
import os
import resource
import struct
import sys
import time
from array import array

NAME, THREADS = sys.argv[1], int(sys.argv[2])
PACKAGE = {"official": "tokenizers"}.get(NAME, NAME)


class Official:
    """The official library in Rust."""

    def load(self, _name, path):
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_file(path)

    def ids(self, texts):
        return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

    def rows(self, result):
        return result

    def full(self, texts):
        return [
            (e.ids, e.offsets, e.word_ids, e.type_ids, e.attention_mask, e.special_tokens_mask, e.tokens)
            for e in self.tokenizer.encode_batch(texts, add_special_tokens=False)
        ]

    def decode(self, rows):
        return self.tokenizer.decode_batch(rows)

    def train(self, question, texts):
        from tokenizers import Tokenizer, trainers

        kind = question["type"]
        special = question["specialTokens"]
        model = {"BPE": {"type": "BPE", "vocab": {}, "merges": []}, "WordPiece": {"type": "WordPiece", "vocab": {}},
                 "Unigram": {"type": "Unigram", "vocab": []}}[kind]
        if kind == "WordPiece":
            model |= {"unk_token": special[0], "continuing_subword_prefix": "##", "max_input_chars_per_word": 100}
        if kind == "Unigram":
            model |= {"unk_id": None}
        tokenizer = Tokenizer.from_str(json.dumps(question["base"] | {"model": model}))
        options = {"vocab_size": question["vocabSize"], "special_tokens": special, "show_progress": False}
        if kind == "Unigram":
            options["unk_token"] = special[0]
        trainer = getattr(trainers, f"{kind}Trainer".replace("BPE", "Bpe"))(**options)
        tokenizer.train_from_iterator(texts, trainer)
        return {"vocabularySize": tokenizer.get_vocab_size()}


class Tiktoken:
    """tiktoken with the vocabulary of a tokenizer.json: ids of byte-level BPE are merge ranks."""

    def load(self, _name, path):
        import tiktoken

        with open(path, encoding="utf-8") as file:
            definition = json.load(file)
        byte_of = {character: byte for byte, character in enumerate(byte_alphabet())}
        added = {token["content"]: token["id"] for token in definition["added_tokens"]}
        vocabulary = definition["model"]["vocab"]
        if definition["normalizer"] or not all(c in byte_of for token in vocabulary if token not in added for c in token):
            raise ValueError("not a plain byte-level BPE")
        ranks = {
            bytes(byte_of[character] for character in token): id
            for token, id in vocabulary.items()
            if token not in added
        }
        self.tokenizer = tiktoken.Encoding(
            "from tokenizer.json", pat_str=pattern_of(definition), mergeable_ranks=ranks, special_tokens=added
        )

    def ids(self, texts):
        if THREADS > 1:
            return self.tokenizer.encode_ordinary_batch(texts, num_threads=THREADS)
        return [self.tokenizer.encode_ordinary(text) for text in texts]

    def rows(self, result):
        return result

    def decode(self, rows):
        return [self.tokenizer.decode(ids) for ids in rows]


GPT2_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def pattern_of(definition):
    for step in definition["pre_tokenizer"].get("pretokenizers", [definition["pre_tokenizer"]]):
        if step["type"] == "Split":
            return step["pattern"]["Regex"]
    return GPT2_PATTERN


def byte_alphabet():
    """Character of each byte in the vocabularies of byte-level BPE."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


class Gigatoken:
    def load(self, _name, path):
        import gigatoken
        import numpy

        self.numpy = numpy
        with open(path, "rb") as file:
            self.tokenizer = gigatoken.Tokenizer.from_json(file.read())

    def ids(self, texts):
        return self.tokenizer.encode_batch(texts, parallel=THREADS > 1)

    def rows(self, result):
        return [self.numpy.asarray(row) for row in result]

    def decode(self, rows):
        return [self.tokenizer.decode(ids).decode("utf-8", "replace") for ids in rows]

    def train(self, question, texts):
        import gigatoken

        if question["type"] != "BPE":
            raise ValueError("trains BPE only")
        data = "<|endoftext|>".join(texts).encode()
        vocabulary, _ = gigatoken.train_bpe(
            data, question["vocabSize"], question["specialTokens"], separator=b"<|endoftext|>"
        )
        return {"vocabularySize": len(vocabulary)}


class Fastokens:
    def load(self, _name, path):
        import fastokens

        self.tokenizer = fastokens.Tokenizer.from_file(path)

    def ids(self, texts):
        return self.tokenizer.encode_batch_flat(texts, add_special_tokens=False)

    def rows(self, result):
        ids, starts = array("I", result[0]), array("Q", result[1])
        return [ids[start:end] for start, end in zip(starts, starts[1:])]

    def prepare(self, result):
        return [row.tolist() for row in self.rows(result)]

    def decode(self, rows):
        return self.tokenizer.decode_batch(rows, skip_special_tokens=True)


class Wordchipper:
    def load(self, name, _path):
        import wordchipper

        options = wordchipper.TokenizerOptions.default()
        options.set_parallel(THREADS > 1)
        options.set_accelerated_lexers(True)
        encodings = {"gpt2": "r50k_base", "gpt4o": "o200k_base"}
        self.tokenizer = wordchipper.Tokenizer.from_pretrained(encodings[name], options)

    def ids(self, texts):
        return self.tokenizer.encode_batch(texts)

    def rows(self, result):
        return result

    def decode(self, rows):
        return self.tokenizer.decode_batch(rows)


class Watch:
    def __init__(self):
        self.seconds = 0.0
        self.cpu = 0.0

    def time(self, action):
        cpu, started = time.process_time(), time.perf_counter()
        result = action()
        self.seconds += time.perf_counter() - started
        self.cpu += time.process_time() - cpu
        return result

    def result(self):
        return {"seconds": self.seconds, "cpuSeconds": self.cpu}


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


texts_of = {}


def read(path):
    if path not in texts_of:
        with open(path, encoding="utf-8") as file:
            slices = json.load(file)["slices"]
        texts_of[path] = (slices, [sum(len(text.encode()) for text in slice) for slice in slices])
    return texts_of[path]


def load(question):
    gc.collect()
    before = resident()
    watch = Watch()

    def work():
        rival.load(question["name"], question["path"])
        rival.ids(["Hello world"])

    watch.time(work)
    gc.collect()
    after = resident()
    return {**watch.result(), "memoryMB": (after - before) / 1e6, "residentMB": after / 1e6}


def prepare(result):
    return rival.prepare(result) if hasattr(rival, "prepare") else rival.rows(result)


def measure(question):
    slices, sizes = read(question["texts"])
    work = getattr(rival, question["work"])
    watch, seconds, done = Watch(), [], 0
    for i in range(len(slices)):
        if watch.seconds >= question["budgetSeconds"] and done >= question.get("leastBytes", 0):
            break
        at = (question["start"] + i) % len(slices)
        given = prepare(rival.ids(slices[at])) if question["work"] == "decode" else slices[at]
        before = watch.seconds
        watch.time(lambda: work(given))
        seconds.append(watch.seconds - before)
        done += sizes[at]
    return {**watch.result(), "bytes": done, "slices": seconds}


def hash_ids(hash, ids):
    hash.update(struct.pack("<i", len(ids)))
    hash.update(array("i", map(int, ids)).tobytes())


def digest(question):
    slices, _ = read(question["texts"])
    digests = []
    for texts in slices[: question["count"]]:
        hash = hashlib.sha256()
        if question["work"] == "full":
            for ids, offsets, words, types, attention, special, tokens in rival.full(texts):
                hash_ids(hash, ids)
                hash_ids(hash, [position for offset in offsets for position in offset])
                hash_ids(hash, [-1 if word is None else word for word in words])
                hash_ids(hash, types)
                hash_ids(hash, attention)
                hash_ids(hash, special)
                hash.update("\0".join(tokens).encode("utf-8"))
        elif question["work"] == "decode":
            for text in rival.decode(prepare(rival.ids(texts))):
                hash.update(text.encode("utf-8") + b"\0")
        else:
            for ids in rival.rows(rival.ids(texts)):
                hash_ids(hash, ids)
        digests.append(hash.hexdigest())
    return {"digests": digests}


def train(question):
    slices, _ = read(question["texts"])
    texts = [text for slice in slices for text in slice]
    watch = Watch()
    answer = watch.time(lambda: rival.train(question, texts))
    return {**watch.result(), **answer}


# A library that prints must not answer in our place.
answers_to = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def say(value):
    print(json.dumps(value), file=answers_to, flush=True)


rival = {
    "official": Official,
    "tiktoken": Tiktoken,
    "gigatoken": Gigatoken,
    "fastokens": Fastokens,
    "wordchipper": Wordchipper,
}[NAME]()
try:
    __import__(PACKAGE)  # its time is nobody's loading time
    say({"versions": {PACKAGE: importlib.metadata.version(PACKAGE), "python": sys.version.split()[0]}})
except Exception as error:
    say({"error": str(error)[:300]})
    os._exit(0)
answers = {"load": load, "measure": measure, "digest": digest, "train": train}
for line in sys.stdin:
    question = json.loads(line)
    try:
        say(answers[question["do"]](question))
    except BaseException as error:  # a panic in Rust is no Exception
        say({"error": f"{type(error).__name__}: {error}"[:300]})
