import { expect, it } from "vitest";
import type { RepoSummary } from "../../services/services.ts";
import { usageOf } from "./usage-code.ts";
import { widgetOf } from "./widget-data.ts";

const TASKS = ["text-classification", "fill-mask", "feature-extraction", "sentence-similarity"];

function model(overrides: Partial<RepoSummary> = {}): RepoSummary {
  const date = new Date(0);
  return {
    recordId: "0".repeat(24),
    type: "model",
    id: "ada/bert",
    owner: "ada",
    name: "bert",
    private: false,
    gated: false,
    disabled: false,
    sha: "0".repeat(40),
    createdAt: date,
    lastModified: date,
    likes: 0,
    downloads: 0,
    tags: [],
    pipelineTag: "fill-mask",
    libraryName: "transformers",
    license: undefined,
    description: undefined,
    cardData: undefined,
    config: undefined,
    safetensors: { parameters: { F32: 4 }, total: 4 },
    usedStorage: 0,
    ...overrides,
  };
}

it("widgetOf() reads the card's examples and leaves out what is malformed", () => {
  const widget = [
    "Plain [MASK] text",
    { text: "With [MASK] title", example_title: "Title" },
    { src: "image.png" },
    42,
    null,
  ];
  expect(widgetOf(model({ cardData: { widget } }), TASKS)?.examples).toEqual([
    { title: "Plain [MASK] text", text: "Plain [MASK] text", sentences: [] },
    { title: "Title", text: "With [MASK] title", sentences: [] },
  ]);
});

it("widgetOf() reads sentences to compare", () => {
  const widget = [{ source_sentence: "a", sentences: ["b", 1, "c"] }];
  const found = widgetOf(
    model({ pipelineTag: "sentence-similarity", cardData: { widget } }),
    TASKS,
  );
  expect(found?.examples).toEqual([{ title: "a", text: "a", sentences: ["b", "c"] }]);
});

it("widgetOf() uses the model's own mask token", () => {
  const config = { tokenizer_config: { mask_token: { content: "<mask>" } } };
  expect(widgetOf(model({ config }), TASKS)).toMatchObject({
    maskToken: "<mask>",
    examples: [{ text: "The bear slept all <mask> long." }],
  });
});

it.each([
  ["another task", model({ pipelineTag: "image-classification" }), TASKS],
  ["a server that cannot run it", model(), []],
  ["a card that says no", model({ cardData: { inference: false } }), TASKS],
  ["a model without safetensors", model({ safetensors: undefined }), TASKS],
  ["a dataset", model({ type: "dataset" }), TASKS],
])("widgetOf() gives none for %s", (_, summary, tasks) => {
  expect(widgetOf(summary, tasks)).toBeUndefined();
});

it("usageOf() names the repository, the task and this server in every language", () => {
  const place = { publicUrl: "https://hub.example", remote: "https://hub.example/ada/bert" };
  const [typescript, python, cli, git] = usageOf(model(), place);
  expect(typescript?.code).toContain('"fill-mask",\n  "ada/bert"');
  expect(python?.code).toContain('pipeline("fill-mask", "ada/bert")');
  expect(cli?.code).toContain("export HF_ENDPOINT=https://hub.example\n");
  expect(git?.code).toContain("git clone https://hub.example/ada/bert");
  const dataset = usageOf(model({ type: "dataset" }), place);
  expect(dataset[0]?.code).toContain('{ type: "dataset", name: "ada/bert" }');
  expect(dataset[1]?.code).toContain('load_dataset("ada/bert")');
  expect(dataset[2]?.code).toContain("--type dataset");
});
