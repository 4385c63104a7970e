/** Real models in real processes: needs the compiled worker, which `npm test` builds first. */
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestHub, type TestHub, type TestUser } from "../scratch-hub.case.ts";
import { createInferenceService } from "./inference-service.ts";

const PIPELINES = fileURLToPath(
  new URL("../../../../fixtures/transformers/pipelines/", import.meta.url),
);
const POOLING = {
  "modules.json": [
    { idx: 0, name: "0", path: "", type: "sentence_transformers.models.Transformer" },
    { idx: 1, name: "1", path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
    { idx: 2, name: "2", path: "2_Normalize", type: "sentence_transformers.models.Normalize" },
  ],
  "1_Pooling/config.json": { word_embedding_dimension: 16, pooling_mode_mean_tokens: true },
};

let hub: TestHub;
let ada: TestUser;

interface ModelRepo {
  readonly name: string;
  /** Folder of the fixtures. */
  readonly files: string;
  readonly task: string;
  readonly private?: boolean;
  readonly extra?: Readonly<Record<string, unknown>>;
}

async function createModel({ name, files, task, extra = {}, ...rest }: ModelRepo): Promise<string> {
  const { repositories } = hub.server.context.services;
  await repositories.create(ada.account, { type: "model", name, private: rest.private ?? false });
  const operations = await Promise.all(
    (await readdir(join(PIPELINES, files))).map(async (path) => {
      const content = new Uint8Array(await readFile(join(PIPELINES, files, path)));
      return { type: "put" as const, path, content };
    }),
  );
  const card = `---\npipeline_tag: ${task}\n---\n# ${name}\n`;
  const texts = { "README.md": card, ...extra };
  for (const [path, value] of Object.entries(texts)) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    operations.push({ type: "put", path, content: new TextEncoder().encode(text) });
  }
  const id = `ada/${name}`;
  const commit = { revision: "main", title: "Add a model", operations };
  await repositories.commit(ada.account, { type: "model", id }, commit);
  return id;
}

beforeAll(async () => {
  hub = await openTestHub();
  ada = await hub.user("ada");
  await createModel({ name: "classifier", files: "classifier", task: "text-classification" });
  await createModel({ name: "masked", files: "masked-lm", task: "fill-mask" });
  await createModel({ name: "plain", files: "encoder", task: "feature-extraction" });
  const extra = POOLING;
  await createModel({ name: "sentences", files: "encoder", task: "sentence-similarity", extra });
  const secret = { name: "secret", files: "classifier", task: "text-classification" };
  await createModel({ ...secret, private: true });
});

afterAll(() => hub[Symbol.asyncDispose]());

async function post(path: string, body: unknown, token?: string) {
  const response = await hub.send(`POST ${path}`, { body, ...(token && { token }) });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

describe("POST /models/{id}", () => {
  test("text-classification: all labels, best first, in a list for one text too", async () => {
    const { status, body } = await post("/models/ada/classifier", { inputs: "hello world" });
    expect(status).toBe(200);
    expect(body).toHaveLength(1);
    expect(body[0].map(({ label }: { label: string }) => label).sort()).toEqual([
      "bad",
      "fine",
      "good",
    ]);
    expect(body[0][0].score).toBeGreaterThanOrEqual(body[0][1].score);
    const inputs = ["a", { text: "hello", text_pair: "world" }];
    const batch = await post("/models/ada/classifier", { inputs, parameters: { top_k: 1 } });
    expect(batch.body.map((labels: unknown[]) => labels.length)).toEqual([1, 1]);
  });

  test("fill-mask: wire names; several masks give lists of lists", async () => {
    const one = await post("/models/ada/masked", { inputs: "hello [MASK]" });
    expect(one.status).toBe(200);
    expect(one.body).toHaveLength(5);
    expect(Object.keys(one.body[0]).sort()).toEqual(["score", "sequence", "token", "token_str"]);
    const two = await post("/models/ada/masked", {
      inputs: "[MASK] brown [MASK]",
      parameters: { top_k: 2, targets: ["fox", "dog"] },
    });
    expect(two.body.map((mask: unknown[]) => mask.length)).toEqual([2, 2]);
    const none = await post("/models/ada/masked", { inputs: "hello" });
    expect(none.status).toBe(400);
    expect(none.body).toMatchObject({ error_type: "validation" });
    expect(none.body.error).toContain('"hello" has no mask');
  });

  test("feature-extraction: token vectors, or one vector where the repository says how", async () => {
    const tokens = await post("/models/ada/plain", { inputs: "hello world" });
    expect(tokens.status).toBe(200);
    expect(tokens.body).toHaveLength(1);
    expect(tokens.body[0]).toHaveLength(4);
    expect(tokens.body[0][0]).toHaveLength(16);
    const one = await post("/models/ada/sentences", { inputs: "hello world" });
    expect(one.body).toHaveLength(16);
    expect(Math.hypot(...one.body)).toBeCloseTo(1, 5);
    const path = "/models/ada/sentences/pipeline/feature-extraction";
    const many = await post(path, { inputs: ["hello world", "a"], normalize: false });
    expect(many.body).toHaveLength(2);
    expect(Math.hypot(...many.body[0])).not.toBeCloseTo(1, 2);
  });

  test("sentence-similarity: a number for each sentence", async () => {
    const inputs = { source_sentence: "hello world", sentences: ["hello world", "the lazy dog"] };
    const { status, body } = await post("/models/ada/sentences", { inputs });
    expect(status).toBe(200);
    expect(body[0]).toBeCloseTo(1, 5);
    expect(body[1]).toBeLessThan(1);
  });

  test("each mistake of a client gets its own answer", async () => {
    const expectError = async (
      path: string,
      body: unknown,
      [status, text]: readonly [status: number, text: string],
    ) => {
      const answer = await post(path, body);
      expect([answer.status, answer.body.error]).toEqual([status, expect.stringContaining(text)]);
    };
    const classifier = "/models/ada/classifier";
    await expectError(classifier, { inputs: 5 }, [400, "inputs must be a string or {"]);
    await expectError(classifier, {}, [400, "inputs must be"]);
    await expectError(classifier, [1], [400, "The body must be an object"]);
    await expectError(classifier, { inputs: "a", parameters: { top_k: -1 } }, [400, "top_k"]);
    await expectError(classifier, { inputs: "a", parameters: 5 }, [400, "parameters must be"]);
    await expectError(classifier, { inputs: "a".repeat(3_000_000) }, [413, "characters"]);
    await expectError(`${classifier}/pipeline/make-coffee`, { inputs: "a" }, [400, "make-coffee"]);
    await expectError(`${classifier}/pipeline/fill-mask`, { inputs: "[MASK]" }, [
      422,
      "does not fit the model",
    ]);
    await expectError("/models/ada/nothing", { inputs: "a" }, [
      401,
      "Invalid username or password",
    ]);
    const similarity = "/models/ada/sentences/pipeline/sentence-similarity";
    await expectError(similarity, { inputs: { sentences: [] } }, [400, "source_sentence"]);
    const unfinished = await hub.send("POST /models/ada/classifier", { body: '{"inputs"' });
    expect(unfinished.status).toBe(400);
  });

  test("a private model answers those who may read it only", async () => {
    const body = { inputs: "hello" };
    expect((await post("/models/ada/secret", body)).status).toBe(401);
    const eve = await hub.user("eve");
    expect((await post("/models/ada/secret", body, eve.token)).status).toBe(404);
    expect((await post("/models/ada/secret", body, ada.token)).status).toBe(200);
  });

  test("a repository that is no model for this server is refused with the reason", async () => {
    const { repositories } = hub.server.context.services;
    await repositories.create(ada.account, { type: "model", name: "empty" });
    const empty = await post("/models/ada/empty/pipeline/fill-mask", { inputs: "[MASK]" });
    expect([empty.status, empty.body.error]).toEqual([422, expect.stringContaining("config.json")]);
    await createModel({
      name: "strange",
      files: "classifier",
      task: "text-classification",
      extra: { "config.json": { model_type: "coffee-machine" } },
    });
    const strange = await post("/models/ada/strange", { inputs: "a" });
    expect(strange.status).toBe(422);
    expect(strange.body.error).toContain('the model type "coffee-machine" is not supported');
    expect(strange.body.error).not.toContain(hub.dataDir);
  });
});

describe("OpenAI's form", () => {
  test("POST /v1/embeddings gives one vector a text, and counts tokens", async () => {
    const body = { model: "ada/sentences", input: ["hello world", "a"] };
    const floats = await post("/v1/embeddings", body);
    expect(floats.status).toBe(200);
    expect(floats.body).toMatchObject({
      object: "list",
      model: "ada/sentences",
      usage: { prompt_tokens: 7, total_tokens: 7 },
    });
    expect(floats.body.data[1].embedding).toHaveLength(16);
    const coded = await post("/v1/embeddings", { ...body, encoding_format: "base64" });
    const bytes = Uint8Array.from(Buffer.from(coded.body.data[0].embedding, "base64"));
    const vector = new Float32Array(bytes.buffer);
    expect(vector[0]).toBeCloseTo(floats.body.data[0].embedding[0], 6);
  });

  test("errors are objects with a message", async () => {
    const { status, body } = await post("/v1/embeddings", { model: "ada/sentences", input: 5 });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ type: "invalid_request_error" });
    expect(body.error.message).toContain("inputs must be a string");
  });

  test("GET /v1/models lists what the viewer may run", async () => {
    const ids = async (token?: string) => {
      const response = await hub.send("GET /v1/models", { ...(token && { token }) });
      const { data } = (await response.json()) as { data: { id: string }[] };
      return data.map(({ id }) => id);
    };
    expect(await ids()).toContain("ada/sentences");
    expect(await ids()).not.toContain("ada/secret");
    expect(await ids(ada.token)).toContain("ada/secret");
  });
});

async function childProcesses(): Promise<readonly number[]> {
  const threads = await readdir("/proc/self/task");
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/self/task/${thread}/children`, "utf8").catch(() => "")),
  );
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}

describe("createInferenceService()", () => {
  const request = async (name: string, task: string, inputs: unknown) => {
    const { repositories } = hub.server.context.services;
    const repo = await repositories.open(ada.account, { type: "model", id: `ada/${name}` });
    return { viewer: ada.account, repo, commit: repo.summary.sha ?? "", task, inputs };
  };

  async function withService<T>(
    options: Partial<Parameters<typeof createInferenceService>[0]>,
    use: (service: ReturnType<typeof createInferenceService>, cacheDir: string) => Promise<T>,
  ): Promise<T> {
    const cacheDir = await mkdtemp(join(tmpdir(), "bearhug-models-"));
    const { content } = hub.server.context.services;
    const service = createInferenceService({ content, cacheDir, threads: 1, ...options });
    try {
      return await use(service, cacheDir);
    } finally {
      await service.close();
      await rm(cacheDir, { recursive: true });
    }
  }

  test("content is stored once; models that nobody needs make room on disk", async () => {
    const cacheBytes = 60_000;
    await withService({ cacheBytes }, async (service, cacheDir) => {
      await service.run(await request("plain", "feature-extraction", "a"));
      await service.run(await request("sentences", "feature-extraction", "a"));
      const blobs = await readdir(join(cacheDir, "blobs"));
      const sizes = await Promise.all(
        blobs.map(async (name) => (await stat(join(cacheDir, "blobs", name))).size),
      );
      // Both have the same weights and tokenizer.
      expect(sizes.filter((size) => size > 10_000)).toHaveLength(1);
      expect(await readdir(join(cacheDir, "models"))).toHaveLength(2);
      await service.run(await request("masked", "fill-mask", "[MASK]"));
      const models = await readdir(join(cacheDir, "models"));
      expect(models.length).toBeLessThan(3);
      expect(models.every((name) => !name.startsWith("."))).toBe(true);
    });
  });

  test("a model over the memory budget is refused; an idle one makes room", async () => {
    await withService({ memoryBytes: 1 }, async (service) => {
      const run = service.run(await request("plain", "feature-extraction", "a"));
      await expect(run).rejects.toMatchObject({ status: 422 });
    });
    const roomForOne = 300 * 2 ** 20;
    await withService({ memoryBytes: roomForOne }, async (service) => {
      await service.run(await request("plain", "feature-extraction", "a"));
      await service.run(await request("masked", "fill-mask", "[MASK]"));
      // One that is at work keeps its place.
      const other = await request("plain", "feature-extraction", "a");
      const texts = Array.from({ length: 400 }, () => "[MASK] is long");
      const long = service.run(await request("masked", "fill-mask", texts));
      await expect(service.run(other)).rejects.toMatchObject({ status: 429 });
      expect(await long).toHaveLength(400);
    });
  });

  test("too many requests get 429, an aborted one ends at once, and the rest finish", async () => {
    await withService({ maxRequests: 2 }, async (service) => {
      const wanted = await request("classifier", "text-classification", ["a", "b"]);
      const controller = new AbortController();
      const first = service.run(wanted);
      const second = service.run({ ...wanted, signal: controller.signal });
      await expect(service.run(wanted)).rejects.toMatchObject({ status: 429 });
      controller.abort();
      await expect(second).rejects.toThrow(/abort/i);
      expect(await first).toHaveLength(2);
      expect(await service.run(wanted)).toHaveLength(2);
    });
  });

  test("a run that takes too long ends its process; the next request gets a new one", async () => {
    await withService({ timeoutMs: 1 }, async (service) => {
      const wanted = await request("classifier", "text-classification", "hello");
      await expect(service.run(wanted)).rejects.toMatchObject({ status: 503 });
    });
  });

  test.runIf(process.platform === "linux")(
    "a process that dies costs its request only; the next one gets a new process",
    async () => {
      await withService({}, async (service) => {
        const wanted = await request("classifier", "text-classification", "hello");
        const others = await childProcesses();
        const before = await service.run(wanted);
        const [worker] = (await childProcesses()).filter((pid) => !others.includes(pid));
        if (worker === undefined) throw new Error("The service has no process");
        process.kill(worker, "SIGKILL");
        const during = await service.run(wanted).catch((error: unknown) => error);
        // The request may have met the dying process, or come after it.
        if (during instanceof Error) expect(during).toMatchObject({ status: 500 });
        else expect(during).toEqual(before);
        expect(await service.run(wanted)).toEqual(before);
      });
    },
  );

  test("close() ends processes that are still loading", async () => {
    await withService({}, async (service) => {
      const run = service.run(await request("classifier", "text-classification", "hello"));
      const outcome = expect(run).rejects.toMatchObject({ status: 503 });
      await service.close();
      await outcome;
    });
  });
});
