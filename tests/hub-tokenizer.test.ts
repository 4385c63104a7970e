import { readFile } from "node:fs/promises";
import { AutoTokenizer, PretrainedFileMissingError } from "@bearhug/transformers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type InProcessHub, startInProcessHub } from "./support/in-process-hub.ts";

const TOKENIZER = new URL("../fixtures/tokenizers/tiny-bert-tokenizer.json", import.meta.url);
const REPO = "ada/chatty";

let server: InProcessHub;

beforeAll(async () => {
  server = await startInProcessHub();
  const hub = server.client();
  await hub.createRepo(REPO);
  const put = (path: string, text: string) =>
    ({ type: "put", path, content: new Blob([text]) }) as const;
  const config = { tokenizer_class: "BertTokenizer", model_max_length: 8 };
  await hub.commit(REPO, {
    title: "Add a tokenizer",
    operations: [
      put("tokenizer.json", await readFile(TOKENIZER, "utf8")),
      put("tokenizer_config.json", JSON.stringify(config)),
      put("chat_template.jinja", "{{ messages[0].content }}"),
      put("additional_chat_templates/shout.jinja", "{{ messages[0].content | upper }}"),
      put("inner/tokenizer.json", await readFile(TOKENIZER, "utf8")),
      put("inner/tokenizer_config.json", JSON.stringify({ ...config, model_max_length: 4 })),
    ],
  });
  await hub.createTag(REPO, "v1");
  await hub.commit(REPO, {
    title: "Longer texts",
    operations: [put("tokenizer_config.json", JSON.stringify({ ...config, model_max_length: 16 }))],
  });
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

const hello = [{ role: "user", content: "hello" }];

test("AutoTokenizer.fromPretrained() reads a repository, a revision of it, and a folder in it", async () => {
  const tokenizer = await AutoTokenizer.fromPretrained(REPO, { hub: server.client() });
  expect(tokenizer.modelMaxLength).toBe(16);
  expect(tokenizer.config.chatTemplates).toEqual({
    default: "{{ messages[0].content }}",
    shout: "{{ messages[0].content | upper }}",
  });
  const tagged = await AutoTokenizer.fromPretrained(REPO, { hub: server.client(), revision: "v1" });
  expect(tagged.modelMaxLength).toBe(8);
  const inner = await AutoTokenizer.fromPretrained(REPO, {
    hub: server.client(),
    subfolder: "inner",
  });
  expect(inner.modelMaxLength).toBe(4);
  expect(inner.config.chatTemplates).toEqual({});
});

test("AutoTokenizer.fromPretrained() needs no network for what the cache holds", async () => {
  const first = await AutoTokenizer.fromPretrained(REPO, { hub: server.client() });
  const sources = [
    { hub: server.client({ offline: true }) },
    { hub: server.client(), localFilesOnly: true },
  ];
  for (const source of sources) {
    const tokenizer = await AutoTokenizer.fromPretrained(REPO, source);
    expect(tokenizer.config).toEqual(first.config);
    expect(tokenizer.renderChatTemplate(hello, { templateName: "shout" })).toBe("HELLO");
  }
});

test("AutoTokenizer.fromPretrained() says when a repository has no tokenizer", async () => {
  await server.client().createRepo("ada/empty");
  const loading = AutoTokenizer.fromPretrained("ada/empty", { hub: server.client() });
  await expect(loading).rejects.toThrow(PretrainedFileMissingError);
  await expect(loading).rejects.toThrow('Cannot load "ada/empty": it has no file "tokenizer.json"');
});

test("AutoTokenizer.fromPretrained() stops when it is aborted", async () => {
  const loading = AutoTokenizer.fromPretrained(REPO, {
    hub: server.client(),
    signal: AbortSignal.abort(),
  });
  await expect(loading).rejects.toMatchObject({ name: "AbortError" });
});
