// Contestant: the official library in Rust through its binding for Node.
import { createRequire } from "node:module";
import { serveTokenizer } from "./serve.mjs";

const require = createRequire(import.meta.url);
const PLAIN = { addSpecialTokens: false };

await serveTokenizer(async () => {
  const { Tokenizer } = require("tokenizers");
  return {
    versions: { tokenizers: require("tokenizers/package.json").version },
    load(_name, path) {
      const tokenizer = Tokenizer.fromFile(path);
      const encode = (texts) => tokenizer.encodeBatch(texts, PLAIN);
      return {
        ids: async (texts) => (await encode(texts)).map((encoding) => encoding.getIds()),
        rows: (result) => result,
        full: async (texts) => (await encode(texts)).map(materialise),
        prepare: (rows) => rows,
        decode: (rows) => tokenizer.decodeBatch(rows, true),
      };
    },
  };
});

function materialise(encoding) {
  return {
    ids: encoding.getIds(),
    tokens: encoding.getTokens(),
    offsets: encoding.getOffsets(),
    wordIds: encoding.getWordIds(),
    typeIds: encoding.getTypeIds(),
    attentionMask: encoding.getAttentionMask(),
    specialTokensMask: encoding.getSpecialTokensMask(),
    offsetUnit: "code points",
  };
}
