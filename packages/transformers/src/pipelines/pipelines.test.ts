import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, expectTypeOf, test } from "vitest";
import { MaskTokenError, UnsupportedTaskError } from "./errors.ts";
import { pipeline } from "./pipeline.ts";
import type { ClassificationInput, Label, ScoreFunction } from "./text-classification.ts";

const FIXTURES = new URL("../../../../fixtures/transformers/", import.meta.url);
const MINILM = fileURLToPath(new URL("../../../../.assets/all-MiniLM-L6-v2", import.meta.url));
const TOLERANCE = 1e-5;
const threads = 1;
const model = (name: string) => fileURLToPath(new URL(`pipelines/${name}`, FIXTURES));

async function goldens<Case>(name: string): Promise<readonly Case[]> {
  return JSON.parse(await readFile(new URL(`${name}.json`, FIXTURES), "utf8")).cases;
}

const temporary = await mkdtemp(join(tmpdir(), "bearhug-pipelines-"));
afterAll(() => rm(temporary, { recursive: true }));

/** Relative above 1: logits of these models reach 10. */
function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const wanted = expected[i] ?? 0;
    const difference = Math.abs((actual[i] ?? 0) - wanted) / Math.max(1, Math.abs(wanted));
    largest = Math.max(largest, difference);
  }
  return largest;
}

describe("text-classification", async () => {
  interface Case {
    readonly name: string;
    readonly model: string;
    readonly input: readonly ClassificationInput[];
    readonly options: {
      readonly top_k?: number | null;
      readonly function_to_apply?: ScoreFunction;
    };
    readonly expected: readonly (readonly Label[])[];
  }
  test.each(await goldens<Case>("pipelines-text-classification"))(
    "$name: as the reference",
    async ({ model: name, input, options, expected }) => {
      await using classify = await pipeline("text-classification", model(name), { threads });
      const { top_k: topK, function_to_apply: functionToApply } = options;
      const labels = await classify(input, {
        topK: topK === null ? "all" : topK,
        functionToApply,
        batchSize: 3,
      });
      expect(labels.map((row) => row.map(({ label }) => label))).toEqual(
        expected.map((row) => row.map(({ label }) => label)),
      );
      const scores = (rows: readonly (readonly Label[])[]) =>
        rows.flatMap((row) => row.map(({ score }) => score));
      expect(largestDifference(scores(labels), scores(expected))).toBeLessThan(TOLERANCE);
    },
  );

  test("stream() keeps the order, and a text alone gives the same", async () => {
    await using classify = await pipeline("text-classification", model("classifier"), { threads });
    const texts = ["hello world", "a", "the lazy dog", "", "words words words"];
    async function* slowly() {
      yield* texts;
    }
    const streamed: Label[][] = [];
    for await (const labels of classify.stream(slowly(), { batchSize: 2 })) streamed.push(labels);
    const alone = await Promise.all(texts.map((text) => classify(text)));
    expect(streamed.map(([best]) => best?.label)).toEqual(alone.map(([best]) => best?.label));
    expectTypeOf(alone).toEqualTypeOf<Label[][]>();
  });

  test("bad options and inputs are named", async () => {
    await using classify = await pipeline("text-classification", model("classifier"), { threads });
    await expect(classify("a", { topK: 0 })).rejects.toThrow(/topK must be a positive integer/);
    await expect(classify("a", { batchSize: 0 })).rejects.toThrow(/batchSize must be/);
    // @ts-expect-error a number is no text
    await expect(classify([1])).rejects.toThrow(TypeError);
  });
});

describe("fill-mask", async () => {
  interface Case {
    readonly name: string;
    readonly input: string;
    readonly options: { readonly top_k?: number; readonly targets?: readonly string[] };
    readonly expected: readonly (readonly {
      readonly score: number;
      readonly token: number;
      readonly token_str: string;
      readonly sequence: string;
    }[])[];
  }
  test.each(await goldens<Case>("pipelines-fill-mask"))(
    "$name: as the reference",
    async ({ input, options: { top_k: topK, targets }, expected }) => {
      await using fill = await pipeline("fill-mask", model("masked-lm"), { threads });
      const masks = await fill.masks(input, { topK, targets });
      const words = masks.map((mask) => mask.map(({ score: _, ...rest }) => rest));
      expect(words).toEqual(
        expected.map((mask) =>
          mask.map(({ token, token_str: tokenStr, sequence }) => ({ token, tokenStr, sequence })),
        ),
      );
      const scores = masks.flat().map(({ score }) => score);
      const wanted = expected.flat().map(({ score }) => score);
      expect(largestDifference(scores, wanted)).toBeLessThan(TOLERANCE);
      if (masks.length === 1) expect(await fill(input, { topK, targets })).toEqual(masks[0]);
    },
  );

  test("no mask, and several for the call that takes one, are errors", async () => {
    await using fill = await pipeline("fill-mask", model("masked-lm"), { threads });
    await expect(fill("hello")).rejects.toThrow(MaskTokenError);
    await expect(fill.masks("hello")).rejects.toThrow(/has no mask/);
    await expect(fill("[MASK] [MASK]")).rejects.toThrow(/has 2 masks/);
  });
});

describe("feature-extraction", async () => {
  interface Case {
    readonly name: string;
    readonly modules: Readonly<Record<string, unknown>> | null;
    readonly input: readonly string[];
    readonly expected: readonly (readonly number[])[] | readonly (readonly (readonly number[])[])[];
    readonly withPrompt?: readonly (readonly number[])[];
    readonly similarity?: readonly number[];
  }
  const [tokenCase, ...cases] = await goldens<Case>("pipelines-feature-extraction");

  async function withModules({ name, modules }: Case): Promise<string> {
    if (modules === null) return model("encoder");
    const folder = join(temporary, name.replaceAll(" ", "-"));
    await cp(model("encoder"), folder, { recursive: true });
    for (const [path, content] of Object.entries(modules)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), JSON.stringify(content));
    }
    return folder;
  }

  test("tokens(): one vector for each token, as the reference", async () => {
    await using embed = await pipeline("feature-extraction", model("encoder"), { threads });
    const tensors = await embed.tokens(tokenCase?.input ?? []);
    tensors.forEach(({ data, shape }, i) => {
      const rows = tokenCase?.expected[i] as readonly (readonly number[])[];
      expect(shape).toEqual([rows.length, 16]);
      expect(largestDifference(data, rows.flat())).toBeLessThan(TOLERANCE);
    });
    expect(tensors).toHaveLength(tokenCase?.input.length ?? -1);
  });

  test.each(cases)("$name: as sentence-transformers, batched or not", async (golden) => {
    const folder = await withModules(golden);
    await using embed = await pipeline("feature-extraction", folder, { threads });
    const expected = golden.expected as readonly (readonly number[])[];
    for (const batchSize of [1, 3, 32]) {
      const vectors = await embed(golden.input, { batchSize });
      const difference = vectors.map((vector, i) => largestDifference(vector, expected[i] ?? []));
      expect(Math.max(...difference)).toBeLessThan(TOLERANCE);
    }
    if (!golden.withPrompt || !golden.similarity) return;
    const prompted = await embed(golden.input, { promptName: "query" });
    const difference = prompted.map((vector, i) =>
      largestDifference(vector, golden.withPrompt?.[i] ?? []),
    );
    expect(Math.max(...difference)).toBeLessThan(TOLERANCE);
    await using compare = await pipeline("sentence-similarity", folder, { threads });
    const [source = "", ...others] = golden.input;
    const scores = await compare(source, others);
    expect(largestDifference(scores, golden.similarity)).toBeLessThan(TOLERANCE);
    await expect(embed("a", { promptName: "none" })).rejects.toThrow(/promptName must be one of/);
  });

  test("progress ends at the total; an aborted signal stops", async () => {
    await using embed = await pipeline("feature-extraction", model("encoder"), { threads });
    const texts = Array.from({ length: 20 }, (_, i) => `hello world ${i}`);
    const events: [number, number | undefined][] = [];
    await embed(texts, {
      batchSize: 6,
      onProgress: ({ done, total }) => events.push([done, total]),
    });
    expect(events.at(-1)).toEqual([20, 20]);
    expect(events).toHaveLength(4);
    const controller = new AbortController();
    const seen: number[] = [];
    const run = embed(texts, {
      batchSize: 2,
      signal: controller.signal,
      onProgress: ({ done }) => {
        seen.push(done);
        controller.abort();
      },
    });
    await expect(run).rejects.toThrow(/abort/i);
    expect(seen).toEqual([2]);
    await expect(embed("a", { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });

  test("a module that is not supported is named", async () => {
    const modules = {
      "modules.json": [{ path: "2_Dense", type: "sentence_transformers.models.Dense" }],
    };
    const folder = await withModules({ name: "dense", modules, input: [], expected: [] });
    await expect(pipeline("feature-extraction", folder)).rejects.toThrow(/Dense.*not supported/);
  });

  test("an empty list gives an empty list", async () => {
    await using embed = await pipeline("feature-extraction", model("encoder"), { threads });
    expect(await embed([])).toEqual([]);
  });

  test.runIf(existsSync(MINILM))(
    "all-MiniLM-L6-v2 (npm run assets): 50 sentences as sentence-transformers, batched or not",
    async () => {
      interface RealCase {
        readonly input: string;
        readonly expected: string;
      }
      const golden = await goldens<RealCase>("minilm-embeddings");
      await using embed = await pipeline("feature-extraction", MINILM, { threads });
      const batched = await embed(golden.map(({ input }) => input));
      for (const [i, { input, expected }] of golden.entries()) {
        const bytes = Uint8Array.from(Buffer.from(expected, "base64"));
        const wanted = new Float32Array(bytes.buffer);
        expect(largestDifference(batched[i] ?? [], wanted), input).toBeLessThan(TOLERANCE);
        if (i % 5 !== 0) continue;
        expect(largestDifference(await embed(input), wanted), input).toBeLessThan(TOLERANCE);
      }
    },
  );
});

test("pipeline() refuses an unknown task, for the compiler and at run time", async () => {
  // @ts-expect-error there is no such task
  await expect(pipeline("make-coffee", model("encoder"))).rejects.toThrow(UnsupportedTaskError);
});
