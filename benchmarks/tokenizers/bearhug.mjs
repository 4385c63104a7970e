// Contestant: this project's tokenizer, as users call it.
import { readFile } from "node:fs/promises";
import { Tokenizer, trainTokenizer } from "@bearhug/tokenizers";
import { serveTokenizer } from "./serve.mjs";

const manifest = new URL("../../packages/tokenizers/package.json", import.meta.url);
const PLAIN = { addSpecialTokens: false };

async function load(_name, path) {
  const tokenizer = Tokenizer.fromBytes
    ? Tokenizer.fromBytes(await readFile(path))
    : Tokenizer.fromJson(await readFile(path, "utf8"));
  return {
    ids: tokenizer.encodeIdsBatch
      ? (texts) => tokenizer.encodeIdsBatch(texts, PLAIN)
      : (texts) => texts.map((text) => tokenizer.encode(text, PLAIN).ids),
    rows: (result) => {
      if (Array.isArray(result)) return result;
      const { ids, starts } = result;
      return Array.from({ length: starts.length - 1 }, (_, i) =>
        ids.subarray(starts[i], starts[i + 1]),
      );
    },
    full: (texts) => tokenizer.encodeBatch(texts, PLAIN).map(materialise),
    prepare(result) {
      return this.rows(result);
    },
    decode: (rows) => rows.map((ids) => tokenizer.decode(ids)),
  };
}

function materialise(encoding) {
  return {
    ids: encoding.ids,
    tokens: encoding.tokens,
    offsets: encoding.offsets,
    wordIds: encoding.wordIds,
    typeIds: encoding.typeIds,
    attentionMask: encoding.attentionMask,
    specialTokensMask: encoding.specialTokensMask,
    offsetUnit: "utf-16",
  };
}

async function train({ base, type, vocabSize, specialTokens, texts }) {
  const unkToken = type === "BPE" ? {} : { unkToken: specialTokens[0] };
  const options = { type, vocabSize, specialTokens, ...unkToken };
  const { tokenizer } = await trainTokenizer(base, texts, options);
  return { vocabularySize: tokenizer.vocabularySize };
}

await serveTokenizer(async () => {
  const { version } = JSON.parse(await readFile(manifest, "utf8"));
  return { versions: { "@bearhug/tokenizers": version }, load, train };
});
