// What a page offers to the test that opened it.
import { Tokenizer, trainTokenizer } from "@bearhug/tokenizers";
import { type Answers, answersOf, TRAINING } from "./digest.ts";
import { type FileReport, runFile } from "./test-runner.ts";

export interface PageSuite {
  /** What this engine has: kernels choose by it. */
  environment(): { readonly agent: string; readonly node: readonly string[] };
  runFile(url: string, exceptions: readonly string[]): Promise<FileReport>;
  answers(url: string, texts: readonly string[]): Promise<Answers>;
  train(
    base: string,
    texts: readonly string[],
  ): Promise<{ readonly json: string; readonly answers: Answers }>;
}

const suite: PageSuite = {
  environment: () => ({
    agent: navigator.userAgent,
    node: ["Buffer", "process", "require", "setImmediate"].filter((name) => name in globalThis),
  }),
  runFile,
  answers: async (url, texts) => {
    const response = await fetch(url);
    return answersOf(Tokenizer.fromBytes(new Uint8Array(await response.arrayBuffer())), texts);
  },
  train: async (base, texts) => {
    const { tokenizer, json } = await trainTokenizer(base, texts, TRAINING);
    return { json, answers: answersOf(tokenizer, texts) };
  },
};

Object.assign(globalThis, { suite });
