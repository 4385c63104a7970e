import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject } from "@bearhug/core";
import type { PretrainedTokenizer } from "./pretrained-tokenizer.ts";

/** Fields that stand elsewhere: in tokenizer.json, in files of their own, or below. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  "added_tokens_decoder",
  "additional_special_tokens",
  "add_bos_token",
  "add_eos_token",
  "chat_template",
  "extra_special_tokens",
  "max_len",
  "name_or_path",
  "special_tokens_map_file",
  "tokenizer_file",
  "vocab_file",
  "merges_file",
]);

/** Classes that take tokenizer.json as it is; the reference's versions before 5 know one name of theirs alone. */
const PLAIN: ReadonlySet<string> = new Set(["TokenizersBackend", "PreTrainedTokenizer"]);

/** The reference's number for "no limit". */
const NO_LIMIT = 1e30;

/** Writes a tokenizer's files; gives their paths. Source: transformers 5.23, `save_pretrained`. */
export async function saveTokenizer(
  tokenizer: PretrainedTokenizer,
  directory: string,
): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true });
  const templates = Object.entries(tokenizer.config.chatTemplates).map(
    ([name, text]) => [templateFile(name), text] as const,
  );
  const files: readonly (readonly [string, string])[] = [
    ["tokenizer.json", tokenizer.backend.toJson()],
    ["tokenizer_config.json", `${JSON.stringify(configOf(tokenizer), undefined, 2)}\n`],
    ...templates,
  ];
  if (templates.some(([path]) => path.includes("/"))) {
    await mkdir(join(directory, TEMPLATE_FOLDER), { recursive: true });
  }
  const paths: string[] = [];
  for (const [name, text] of files) {
    const path = join(directory, name);
    await writeFile(path, text);
    paths.push(path);
  }
  return paths;
}

const TEMPLATE_FOLDER = "additional_chat_templates";

/** @throws {RangeError} for a name that would lead out of the folder. */
function templateFile(name: string): string {
  if (name === "default") return "chat_template.jinja";
  if (/[/\\]|^\.+$/u.test(name) || name === "") {
    throw new RangeError(
      `The name of a chat template must be a file name, got ${JSON.stringify(name)}`,
    );
  }
  return `${TEMPLATE_FOLDER}/${name}.jinja`;
}

/** Fields as they were read, and over them what counts now. */
function configOf({ config, traits, specialTokensMap }: PretrainedTokenizer): JsonObject {
  const { extra } = config.specialTokens;
  const limit = config.modelMaxLength;
  // `null` says that a class's own token does not count.
  const isKept = ([name, value]: readonly [string, unknown]) =>
    !ELSEWHERE.has(name) && (!name.endsWith("_token") || value === null);
  return {
    ...Object.fromEntries(Object.entries(config.fields).filter(isKept)),
    ...specialTokensMap,
    ...(extra.length > 0 ? { extra_special_tokens: extra.map(({ content }) => content) } : {}),
    clean_up_tokenization_spaces: config.cleanUpTokenizationSpaces,
    model_input_names: config.modelInputNames,
    model_max_length: Number.isFinite(limit) ? limit : NO_LIMIT,
    padding_side: config.paddingSide,
    split_special_tokens: config.splitSpecialTokens,
    tokenizer_class: PLAIN.has(traits.className) ? "PreTrainedTokenizerFast" : traits.className,
    truncation_side: config.truncationSide,
  };
}
