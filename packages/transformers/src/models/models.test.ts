import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type HostTensor, hostTensor } from "@bearhug/nn";
import { describe, expect, test } from "vitest";
import {
  AutoModel,
  type AutoModelClass,
  AutoModelForMaskedLM,
  AutoModelForQuestionAnswering,
  AutoModelForSequenceClassification,
  AutoModelForTokenClassification,
} from "../auto/auto-model.ts";

interface Golden {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly name: string;
  readonly input: {
    readonly model: string;
    readonly task: string;
    readonly tensors: Readonly<Record<string, Golden>>;
  };
  readonly expected: Readonly<Record<string, Golden>>;
}

const FIXTURES = new URL("../../../../fixtures/", import.meta.url);
const golden: { readonly tolerance: number; readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL("transformers/models.json", FIXTURES), "utf8"),
);

const CLASSES: Readonly<Record<string, AutoModelClass<object>>> = {
  base: AutoModel,
  "masked-lm": AutoModelForMaskedLM,
  "question-answering": AutoModelForQuestionAnswering,
  "sequence-classification": AutoModelForSequenceClassification,
  "token-classification": AutoModelForTokenClassification,
};

function ids(tensor: Golden): HostTensor<"int32"> {
  return hostTensor("int32", tensor.shape, Int32Array.from(tensor.data));
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

describe("models agree with the reference", () => {
  test.each(golden.cases)("$name", async ({ input, expected }) => {
    const directory = fileURLToPath(new URL(`tiny-models/${input.model}`, FIXTURES));
    await using model = await CLASSES[input.task]!.fromPretrained(directory, { threads: 1 });
    const { input_ids, attention_mask, token_type_ids } = input.tensors;
    const results = await model.forward({
      inputIds: ids(input_ids!),
      attentionMask: ids(attention_mask!),
      tokenTypeIds: token_type_ids && ids(token_type_ids),
    });
    const found = new Map<string, HostTensor>(Object.entries(results));
    expect([...found.keys()].sort()).toEqual(Object.keys(expected).map(camelCase).sort());
    for (const [name, { shape, data }] of Object.entries(expected)) {
      const tensor = found.get(camelCase(name)) as HostTensor<"float32">;
      expect(tensor.shape).toEqual(shape);
      const worst = data.reduce(
        (max, value, i) => Math.max(max, Math.abs(value - tensor.data[i]!)),
        0,
      );
      expect(worst, name).toBeLessThanOrEqual(golden.tolerance);
    }
  });
});
