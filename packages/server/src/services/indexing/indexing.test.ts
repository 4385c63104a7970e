import { writeSafetensors } from "@bearhug/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestHub, type TestHub } from "../../scratch-hub.case.ts";
import type { RepoSummary } from "../services.ts";

let hub: TestHub;
let token: string;
let count = 0;

beforeAll(async () => {
  hub = await openTestHub();
  token = (await hub.user("ada")).token;
});

afterAll(() => hub[Symbol.asyncDispose]());

type Files = Readonly<Record<string, string | Uint8Array>>;

/** What the index says of a repository with these files. */
async function indexed(files: Files, type: "model" | "dataset" | "space" = "model") {
  const name = `r${count++}`;
  await hub.send("POST /api/repos/create", { token, body: { name, type } });
  const lines = [
    { key: "header", value: { summary: "Add" } },
    ...Object.entries(files).map(([path, content]) => ({
      key: "file",
      value: { path, content: Buffer.from(content).toString("base64"), encoding: "base64" },
    })),
  ];
  const body = lines.map((line) => JSON.stringify(line)).join("\n");
  const reply = await hub.send(`POST /api/${type}s/ada/${name}/commit/main`, { token, body });
  expect(reply.status).toBe(200);
  const id = `ada/${name}`;
  const { search } = hub.server.context.services;
  const { repos } = await search.list(undefined, { type, search: id });
  return repos[0] as RepoSummary;
}

const card = (yaml: string, text = "") => `---\n${yaml}\n---\n${text}`;
const json = (value: object) => JSON.stringify(value);

describe("a model's index", () => {
  it("describes a sentence-transformers checkpoint", async () => {
    const repo = await indexed({
      "README.md": card(
        "license: apache-2.0\nlanguage: en\ndatasets: [s2orc]\ntags: [feature-extraction]\nbase_model: a/b",
        "# M\n\nMaps sentences to vectors, see [paper](https://arxiv.org/abs/1908.10084).",
      ),
      "config.json": json({ model_type: "bert", architectures: ["BertModel"] }),
      "tokenizer_config.json": json({ mask_token: "[MASK]", do_lower_case: true }),
      "modules.json": "[]",
      "model.safetensors": writeSafetensors([
        { name: "w", dtype: "float32", shape: [2, 3], data: new Uint8Array(24) },
        { name: "i", dtype: "int64", shape: [5], data: new Uint8Array(40) },
      ]),
      "onnx/model.onnx": "x",
      "pytorch_model.bin": "x",
    });
    expect(repo).toMatchObject({
      libraryName: "sentence-transformers",
      pipelineTag: "feature-extraction",
      license: "apache-2.0",
      description: "Maps sentences to vectors, see paper.",
      safetensors: { parameters: { F32: 6, I64: 5 }, total: 11 },
      config: {
        model_type: "bert",
        architectures: ["BertModel"],
        tokenizer_config: { mask_token: "[MASK]" },
      },
    });
    expect(repo.tags).toEqual([
      "sentence-transformers",
      "pytorch",
      "onnx",
      "safetensors",
      "bert",
      "feature-extraction",
      "en",
      "dataset:s2orc",
      "arxiv:1908.10084",
      "base_model:a/b",
      "base_model:finetune:a/b",
      "license:apache-2.0",
    ]);
  });

  it.each<[string, Files, readonly (string | undefined)[]]>([
    [
      "the card",
      { "README.md": card("library_name: timm\npipeline_tag: fill-mask") },
      ["timm", "fill-mask"],
    ],
    [
      "a tag",
      { "README.md": card("tags: [diffusers, text-to-image]") },
      ["diffusers", "text-to-image"],
    ],
    [
      "a causal model",
      { "config.json": json({ model_type: "llama", architectures: ["LlamaForCausalLM"] }) },
      ["transformers", "text-generation"],
    ],
    [
      "a masked model",
      { "config.json": json({ architectures: ["BertForMaskedLM"] }) },
      ["transformers", "fill-mask"],
    ],
    [
      "speech",
      {
        "config.json": json({
          model_type: "whisper",
          architectures: ["WhisperForConditionalGeneration"],
        }),
      },
      ["transformers", "automatic-speech-recognition"],
    ],
    [
      "vision and text",
      {
        "config.json": json({
          vision_config: {},
          model_type: "x",
          architectures: ["XForConditionalGeneration"],
        }),
      },
      ["transformers", "image-text-to-text"],
    ],
    [
      "a translator",
      {
        "config.json": json({
          model_type: "marian",
          architectures: ["MarianMTForConditionalGeneration"],
        }),
      },
      ["transformers", "translation"],
    ],
    [
      "a diffusion pipeline",
      { "model_index.json": json({ _class_name: "StableDiffusionPipeline" }) },
      ["diffusers", "text-to-image"],
    ],
    ["an adapter", { "adapter_config.json": "{}" }, ["peft", "text-generation"]],
    ["modules", { "modules.json": "[]" }, ["sentence-transformers", "sentence-similarity"]],
    ["nothing", { "a.txt": "a" }, [undefined, undefined]],
  ])("tells library and task from %s", async (_, files, derived) => {
    const repo = await indexed(files);
    expect([repo.libraryName, repo.pipelineTag]).toEqual(derived);
  });

  it("marks chat models", async () => {
    const repo = await indexed({
      "config.json": json({ model_type: "llama", architectures: ["LlamaForCausalLM"] }),
      "chat_template.jinja": "{{ messages }}",
    });
    expect(repo.tags).toContain("conversational");
    expect(repo.config).toMatchObject({ chat_template_jinja: "{{ messages }}" });
  });

  it("adds up shards", async () => {
    const shard = (name: string) =>
      writeSafetensors([{ name, dtype: "bfloat16", shape: [10], data: new Uint8Array(20) }]);
    const repo = await indexed({
      "model-1.safetensors": shard("a"),
      "model-2.safetensors": shard("b"),
      "model.safetensors.index.json": json({
        weight_map: { a: "model-1.safetensors", b: "model-2.safetensors" },
      }),
    });
    expect(repo.safetensors).toEqual({ parameters: { BF16: 20 }, total: 20, sharded: true });
  });

  it.each<[string, Files]>([
    [
      "broken JSON",
      { "config.json": "{", "tokenizer_config.json": "[1]", "model_index.json": "3" },
    ],
    ["a short safetensors file", { "model.safetensors": "abc" }],
    ["a huge header length", { "model.safetensors": new Uint8Array(16).fill(0xff) }],
    [
      "a header that is no JSON",
      { "model.safetensors": new Uint8Array([3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]) },
    ],
    ["a missing shard", { "model.safetensors.index.json": json({ weight_map: { a: "../../x" } }) }],
    ["values of wrong types", { "config.json": json({ model_type: 3, architectures: [1, {}] }) }],
  ])("survives %s", async (_, files) => {
    const repo = await indexed(files);
    expect(repo.safetensors).toBeUndefined();
    expect(repo.sha).toBeDefined();
  });
});

describe("a dataset's index", () => {
  it("lists the card's fields and the format of the files", async () => {
    const repo = await indexed(
      {
        "README.md": card(
          "license: mit\nlanguage: [en, de]\ntask_categories: [text-classification]\nsize_categories: [1K<n<10K]\ntags: [reviews]",
        ),
        "data/train.csv": "a,b\n1,2\n",
        "data/test.csv": "a,b\n",
        "dataset_infos.json": "{}",
      },
      "dataset",
    );
    expect(repo.tags).toEqual([
      "task_categories:text-classification",
      "language:en",
      "language:de",
      "license:mit",
      "size_categories:1K<n<10K",
      "format:csv",
      "library:datasets",
      "reviews",
    ]);
  });
});

describe("the index", () => {
  it("catches up after a process was killed between commit and index", async () => {
    const repo = await indexed({ "a.txt": "a" });
    const git = hub.server.context.repositories.open(repo.recordId);
    const { oid } = await git.commit({
      ref: "refs/heads/main",
      author: { name: "ada", email: "a@b.c" },
      title: "Pushed",
      changes: [
        { type: "put", path: "README.md", content: new TextEncoder().encode(card("tags: [late]")) },
      ],
    });
    await hub.restart();
    await expect
      .poll(async () => {
        const query = { type: "model", filter: ["late"] } as const;
        return (await hub.server.context.services.search.list(undefined, query)).repos[0]?.sha;
      })
      .toBe(oid);
  });

  it("follows the head when a repository is opened", async () => {
    const repo = await indexed({ "a.txt": "a" });
    const git = hub.server.context.repositories.open(repo.recordId);
    await git.commit({
      ref: "refs/heads/main",
      author: { name: "ada", email: "a@b.c" },
      title: "Pushed",
      changes: [
        {
          type: "put",
          path: "config.json",
          content: new TextEncoder().encode('{"model_type":"t5"}'),
        },
      ],
    });
    const info = await hub.send(`GET /api/models/${repo.id}`);
    expect(await info.json()).toMatchObject({ tags: ["transformers", "t5"] });
  });
});
