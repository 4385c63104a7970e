// Contestants: tokenizers for JavaScript from npm. `node npm-peers.mjs NAME`.
import { readFile } from "node:fs/promises";
import { serveTokenizer } from "./serve.mjs";

const modules = new URL("../node_modules/", import.meta.url);
const versions = async (name) => {
  const manifest = await readFile(new URL(`${name}/package.json`, modules), "utf8");
  return { [name]: JSON.parse(manifest).version };
};

const peers = {
  async "@huggingface/tokenizers"() {
    const { Tokenizer } = await import("@huggingface/tokenizers");
    return {
      versions: await versions("@huggingface/tokenizers"),
      async load(_name, path) {
        const tokenizer = new Tokenizer(JSON.parse(await readFile(path, "utf8")), {});
        const plain = { add_special_tokens: false };
        const whole = { skip_special_tokens: true, clean_up_tokenization_spaces: false };
        return {
          ids: (texts) => texts.map((text) => tokenizer.encode(text, plain).ids),
          rows: (result) => result,
          prepare: (rows) => rows,
          decode: (rows) => rows.map((ids) => tokenizer.decode(ids, whole)),
        };
      },
    };
  },

  async kitoken() {
    const { default: kitoken } = await import("kitoken/node");
    return {
      versions: await versions("kitoken"),
      async load(_name, path) {
        const tokenizer = kitoken.Kitoken.from_tokenizers(await readFile(path));
        const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
        return {
          ids: (texts) => texts.map((text) => tokenizer.encode(text, true)),
          rows: (result) => result,
          prepare: (rows) => rows,
          decode: (rows) => rows.map((ids) => decoder.decode(tokenizer.decode(ids, false))),
        };
      },
    };
  },

  async "gpt-tokenizer"() {
    const modulesOf = {
      gpt2: () => import("gpt-tokenizer/encoding/r50k_base"),
      gpt4o: () => import("gpt-tokenizer/encoding/o200k_base"),
    };
    return {
      versions: await versions("gpt-tokenizer"),
      async load(name) {
        const tokenizer = await modulesOf[name]();
        return {
          ids: (texts) => texts.map((text) => tokenizer.encode(text)),
          rows: (result) => result,
          prepare: (rows) => rows,
          decode: (rows) => rows.map((ids) => tokenizer.decode(ids)),
        };
      },
    };
  },
};

await serveTokenizer(peers[process.argv[2]]);
