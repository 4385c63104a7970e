import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HubClient } from "@bearhug/hub";
import {
  CheckpointError,
  createOrtNodeRuntime,
  FeedError,
  type HostTensor,
  hostTensor,
  SessionClosedError,
  WeightsMismatchError,
} from "@bearhug/nn";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ConfigError,
  ModelInputError,
  PretrainedFileMissingError,
  UnsupportedModelError,
} from "../errors.ts";
import { AutoConfig } from "./auto-config.ts";
import {
  AutoModel,
  AutoModelForMaskedLM,
  AutoModelForSequenceClassification,
} from "./auto-model.ts";

const TINY = fileURLToPath(new URL("../../../../fixtures/tiny-models/", import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bearhug-model-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function copyOf(model: string): Promise<string> {
  const copy = join(folder, model);
  await cp(join(TINY, model), copy, { recursive: true });
  return copy;
}

async function changeConfig(directory: string, change: object): Promise<void> {
  const path = join(directory, "config.json");
  const config = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...config, ...change }));
}

function idsOf(rows: number, tokens: number): HostTensor<"int32"> {
  const data = Int32Array.from({ length: rows * tokens }, (_, index) => 4 + ((index * 7) % 60));
  return hostTensor("int32", [rows, tokens], data);
}

test("AutoConfig gives a family's configuration, in camelCase, with its labels", async () => {
  const config = await AutoConfig.fromPretrained(join(TINY, "tiny-bert"));
  expect(config).toMatchObject({
    modelType: "bert",
    hiddenSize: 32,
    numHiddenLayers: 2,
    maxTokens: 24,
    numLabels: 3,
    id2label: ["sad", "so-so", "happy"],
    label2id: { sad: 0, "so-so": 1, happy: 2 },
  });
  expect(config.raw["hidden_size"]).toBe(32);
});

test("AutoConfig reads what is common to all models from families that do not run here", async () => {
  await writeFile(join(folder, "config.json"), '{"model_type":"mamba","num_labels":3}');
  const config = await AutoConfig.fromPretrained(folder);
  expect(config).toMatchObject({ modelType: "mamba", id2label: ["LABEL_0", "LABEL_1", "LABEL_2"] });
});

test("a model without a pooler has no poolerOutput, and tells which weights it did not use", async () => {
  const copy = await copyOf("tiny-bert");
  await using model = await AutoModel.fromPretrained(copy);
  expect(Object.keys(await model.forward({ inputIds: idsOf(1, 3) }))).toContain("poolerOutput");
  expect(model.unusedWeights).toContain("classifier.weight");
  await using distilled = await AutoModel.fromPretrained(join(TINY, "tiny-distilbert"));
  expect(Object.keys(await distilled.forward({ inputIds: idsOf(1, 3) }))).toEqual([
    "lastHiddenState",
  ]);
});

test("the weights load through the links of a Python cache, sharded or not", async () => {
  const inputIds = idsOf(2, 5);
  await using plain = await AutoModel.fromPretrained(join(TINY, "tiny-bert"));
  const expected = (await plain.forward({ inputIds })).lastHiddenState;
  for (const name of ["tiny-bert", "tiny-bert-sharded"]) {
    const repo = join(folder, `models--ada--${name}`);
    const snapshot = join(repo, "snapshots/0123456789abcdef0123456789abcdef01234567");
    await mkdir(snapshot, { recursive: true });
    await cp(join(TINY, name), join(repo, "blobs"), { recursive: true });
    for (const [index, file] of (await readdir(join(repo, "blobs"))).entries()) {
      await rename(join(repo, "blobs", file), join(repo, "blobs", `hash${index}`));
      await symlink(`../../blobs/hash${index}`, join(snapshot, file));
    }
    await using model = await AutoModel.fromPretrained(snapshot);
    const found = (await model.forward({ inputIds })).lastHiddenState;
    expect(found.data).toEqual(expected.data);
  }
});

test("a batch that runs in parts equals its rows run one by one, on both engines", async () => {
  const [rows, tokens] = [30, 20];
  const inputIds = idsOf(rows, tokens);
  const mask = Int32Array.from({ length: rows * tokens }, (_, i) =>
    i % tokens < 5 + (i % 7) ? 1 : 0,
  );
  const attentionMask = hostTensor("int32", [rows, tokens], mask);
  const binding = await createOrtNodeRuntime();
  for (const runtime of [undefined, binding]) {
    await using model = await AutoModelForSequenceClassification.fromPretrained(
      join(TINY, "tiny-roberta"),
      { runtime, threads: 2 },
    );
    const { logits } = await model.forward({ inputIds, attentionMask });
    expect(logits.shape).toEqual([rows, 3]);
    for (let row = 0; row < rows; row += 7) {
      const cut = (all: HostTensor<"int32">) =>
        hostTensor("int32", [1, tokens], all.data.slice(row * tokens, (row + 1) * tokens));
      const one = await model.forward({
        inputIds: cut(inputIds),
        attentionMask: cut(attentionMask),
      });
      for (const [label, value] of one.logits.data.entries()) {
        expect(logits.data[row * 3 + label]).toBeCloseTo(value, 4);
      }
    }
  }
});

test("weights left in the file give the same numbers", async () => {
  const inputIds = idsOf(2, 6);
  await using fast = await AutoModelForMaskedLM.fromPretrained(join(TINY, "tiny-bert-bf16"));
  await using small = await AutoModelForMaskedLM.fromPretrained(join(TINY, "tiny-bert-bf16"), {
    prefer: "memory",
  });
  const [a, b] = [await fast.forward({ inputIds }), await small.forward({ inputIds })];
  const worst = a.logits.data.reduce((m, v, i) => Math.max(m, Math.abs(v - b.logits.data[i]!)), 0);
  expect(worst).toBeLessThan(1e-5);
});

test("forward() names what is wrong with its inputs", async () => {
  await using model = await AutoModel.fromPretrained(join(TINY, "tiny-xlm-roberta"));
  const fails = async (inputIds: HostTensor<"int32">, message: RegExp) => {
    await expect(model.forward({ inputIds })).rejects.toThrow(ModelInputError);
    await expect(model.forward({ inputIds })).rejects.toThrow(message);
  };
  await fails(idsOf(1, 25), /25 tokens: it takes 24 at most/);
  await fails(
    hostTensor("int32", [1, 2], Int32Array.of(5, 64)),
    /token id 64: its vocabulary has 64/,
  );
  await fails(hostTensor("int32", [1, 1], Int32Array.of(-1)), /token id -1/);
  const short = { inputIds: idsOf(2, 4), attentionMask: idsOf(2, 3) };
  await expect(model.forward(short)).rejects.toThrow(FeedError);
  expect((await model.forward({ inputIds: idsOf(1, 24) })).lastHiddenState.shape).toEqual([
    1, 24, 32,
  ]);
  expect((await model.forward({ inputIds: idsOf(0, 4) })).lastHiddenState.shape).toEqual([
    0, 4, 32,
  ]);
});

test("aborting stops loading and running; a disposed model refuses", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  const directory = join(TINY, "tiny-bert");
  await expect(AutoModel.fromPretrained(directory, { signal })).rejects.toThrow("enough");
  const model = await AutoModel.fromPretrained(directory);
  await expect(model.forward({ inputIds: idsOf(1, 2) }, { signal })).rejects.toThrow("enough");
  await model[Symbol.asyncDispose]();
  await expect(model.forward({ inputIds: idsOf(1, 2) })).rejects.toThrow(SessionClosedError);
});

test("fromPretrained() names the missing piece of a model that it cannot run", async () => {
  const fails = async (change: object, error: new (...all: never[]) => Error, message: RegExp) => {
    const copy = await copyOf("tiny-bert");
    await changeConfig(copy, change);
    const loading = AutoModel.fromPretrained(copy);
    await expect(loading).rejects.toThrow(error);
    await expect(loading).rejects.toThrow(message);
  };
  await fails(
    { model_type: "mamba" },
    UnsupportedModelError,
    /model type "mamba" is not supported/,
  );
  await fails({ model_type: undefined }, UnsupportedModelError, /names no model_type/);
  await fails({ model_type: "__proto__" }, UnsupportedModelError, /"__proto__" is not supported/);
  await fails(
    { num_attention_heads: "12" },
    ConfigError,
    /num_attention_heads must be a positive integer, got "12"/,
  );
  await fails({ num_attention_heads: 5 }, ConfigError, /32 is not a multiple of 5 attention heads/);
  await fails({ hidden_size: 0 }, ConfigError, /hidden_size must be a positive integer/);
  await fails({ num_hidden_layers: 3 }, WeightsMismatchError, /it lacks "bert.encoder.layer.2/);
  await fails(
    { num_hidden_layers: 1 },
    WeightsMismatchError,
    /of layers that the model does not have/,
  );
  await fails(
    { vocab_size: 65 },
    WeightsMismatchError,
    /word_embeddings.weight" is \[64, 32\], not \[65, 32\]/,
  );
  const directory = join(TINY, "tiny-bert");
  // The types allow neither: a caller in JavaScript may still ask.
  const gpu = { device: "cuda" } as unknown as { device: "cpu" };
  await expect(AutoModel.fromPretrained(directory, gpu)).rejects.toThrow(/device "cuda"/);
  const half = { dtype: "float16" } as unknown as { dtype: "float32" };
  await expect(AutoModel.fromPretrained(directory, half)).rejects.toThrow(/computing in "float16"/);
});

test("fromPretrained() names the file that is missing or damaged", async () => {
  await expect(AutoModel.fromPretrained(folder)).rejects.toThrow(PretrainedFileMissingError);
  await expect(AutoModel.fromPretrained(folder)).rejects.toThrow(/no file "config.json"/);
  const copy = await copyOf("tiny-bert");
  const weights = join(copy, "model.safetensors");
  const bytes = await readFile(weights);
  await writeFile(weights, bytes.subarray(0, bytes.length - 4));
  await expect(AutoModel.fromPretrained(copy)).rejects.toThrow(CheckpointError);
  await rename(weights, join(copy, "pytorch_model.bin"));
  await expect(AutoModel.fromPretrained(copy)).rejects.toThrow(/weights are in pytorch_model.bin/);
  await rm(join(copy, "pytorch_model.bin"));
  await expect(AutoModel.fromPretrained(copy)).rejects.toThrow(/no file "model.safetensors"/);
  await writeFile(join(copy, "config.json"), "{");
  await expect(AutoModel.fromPretrained(copy)).rejects.toThrow(ConfigError);
  const sharded = await copyOf("tiny-bert-sharded");
  await rm(join(sharded, "model-00002-of-00003.safetensors"));
  await expect(AutoModel.fromPretrained(sharded)).rejects.toThrow(/no file "model-00002-of-00003/);
});

test("a subfolder of a directory is a model, too", async () => {
  await using model = await AutoModel.fromPretrained(TINY, { subfolder: "tiny-mpnet" });
  expect(model.config.modelType).toBe("mpnet");
});

test("fromPretrained() asks the Hub for what is no directory, unless it may not", async () => {
  const asked: string[] = [];
  const serve: typeof fetch = async (input) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    asked.push(pathname);
    return new Response(null, { status: 404, headers: { "x-error-code": "RepoNotFound" } });
  };
  const hub = new HubClient({ endpoint: "http://hub.test", cacheDir: folder, fetch: serve });
  const loading = AutoModel.fromPretrained("ada/nothing", { hub });
  await expect(loading).rejects.toMatchObject({ code: "REPOSITORY_NOT_FOUND" });
  expect(asked.length).toBeGreaterThan(0);
  const offline = AutoModel.fromPretrained("ada/nothing", { hub, localFilesOnly: true });
  await expect(offline).rejects.toMatchObject({ code: "LOCAL_ENTRY_NOT_FOUND" });
});
