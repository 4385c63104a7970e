import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parsePostProcessor } from "../post-processors/post-processor.ts";
import { Tokenizer } from "../tokenizer.ts";

const FIXTURES = new URL("../../../../fixtures/tokenizers/", import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8"));

const pipelines = read("pipelines.json");
const files: readonly (readonly [string, object])[] = [
  ["tiny-bert", read("tiny-bert-tokenizer.json")],
  ["tiny-roberta", read("tiny-roberta-tokenizer.json")],
  ["added tokens", read("added-tokens.json").tokenizer],
  ["normalized tokens", read("normalized-tokens.json").tokenizer],
  ...read("components.json").cases.map(
    ({ name, tokenizer }: { name: string; tokenizer: object }) => [name, tokenizer],
  ),
  ...pipelines.cases.map((item: { name: string; input: { tokenizer: object } }) => [
    `pipeline ${item.name}`,
    JSON.parse(JSON.stringify(item.input.tokenizer).replaceAll("CHARSMAP", pipelines.charsmap)),
  ]),
  ...read("decoders.json").cases.map((item: { name: string; input: { decoder: object } }) => [
    `decoder ${item.name}`,
    {
      model: { type: "WordLevel", vocab: { "1": 0, "0": 5 }, unk_token: "1" },
      decoder: item.input.decoder,
    },
  ]),
];

const text = "Hello wörld, it's 12 ▁Ġ  中文 <new> [MASK]\n\n ΑΣ 😀";

describe("Tokenizer.toJson() writes what is read as the same tokenizer", () => {
  test.each(files)("%s", (_, file) => {
    const tokenizer = Tokenizer.fromJson(JSON.stringify(file));
    const json = tokenizer.toJson();
    const again = Tokenizer.fromJson(json);
    const { model, addedTokens, ...stages } = tokenizer.definition;
    const { model: modelAgain, addedTokens: _added, ...stagesAgain } = again.definition;
    expect(stagesAgain).toEqual(stages);
    expect(again.addedTokens).toEqual(tokenizer.addedTokens);
    expect([...again.getVocab(false)].sort()).toEqual([...tokenizer.getVocab(false)].sort());
    expect(modelAgain.type).toBe(model.type);
    expect(again.toJson()).toBe(json);
    if (!("dropout" in model && (model.dropout ?? 0) > 0)) {
      expect(again.encodeIds(text)).toEqual(tokenizer.encodeIds(text));
    }
  });

  test.each([
    ["BertProcessing", { type: "BertProcessing", sep: ["[SEP]", 3], cls: ["[CLS]", 2] }],
    [
      "RobertaProcessing",
      {
        type: "RobertaProcessing",
        sep: ["[SEP]", 3],
        cls: ["[CLS]", 2],
        trim_offsets: true,
        add_prefix_space: false,
      },
    ],
    [
      "ByteLevel",
      { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    ],
  ])("a post-processor made by hand, like %s", (_, fields) => {
    const read = parsePostProcessor(fields, "post_processor");
    const bert = Tokenizer.fromJson(JSON.stringify(files[0]?.[1]));
    expect(JSON.parse(bert.with({ postProcessor: read }).toJson()).post_processor).toEqual(fields);
    // A copy has forgotten the file it came from.
    const made = bert.with({ postProcessor: { ...read } });
    expect(Tokenizer.fromJson(made.toJson()).definition.postProcessor).toEqual(read);
  });
});
