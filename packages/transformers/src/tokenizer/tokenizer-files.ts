import { readFile } from "node:fs/promises";
import { type JsonObject, parseJson, parseObject } from "@bearhug/core";
import type { PretrainedFiles } from "../pretrained-files.ts";
import { TokenizerConfigError } from "./errors.ts";

/** The small files beside a vocabulary. */
export interface SideFiles {
  /** tokenizer_config.json; each of these is empty when there is no such file. */
  readonly config: JsonObject;
  /** special_tokens_map.json. */
  readonly specialTokensMap: JsonObject;
  /** added_tokens.json. */
  readonly addedTokens: JsonObject;
  /** config.json, the model's own. */
  readonly modelConfig: JsonObject;
  /** chat_template.jinja as `"default"`, and those of additional_chat_templates/ by their names. */
  readonly chatTemplates: Readonly<Record<string, string>>;
}

const TEMPLATE_FOLDER = "additional_chat_templates";

export async function readSideFiles(files: PretrainedFiles): Promise<SideFiles> {
  const [config, specialTokensMap, addedTokens, modelConfig, chatTemplates] = await Promise.all([
    readObject(files, "tokenizer_config.json"),
    readObject(files, "special_tokens_map.json"),
    readObject(files, "added_tokens.json"),
    readObject(files, "config.json"),
    readChatTemplates(files),
  ]);
  return { config, specialTokensMap, addedTokens, modelConfig, chatTemplates };
}

async function readChatTemplates(
  files: PretrainedFiles,
): Promise<Readonly<Record<string, string>>> {
  const templates: Record<string, string> = {};
  const main = await readText(files, "chat_template.jinja");
  if (main !== undefined) templates["default"] = main;
  for (const name of await files.list(TEMPLATE_FOLDER)) {
    if (!name.endsWith(".jinja")) continue;
    const text = await readText(files, `${TEMPLATE_FOLDER}/${name}`);
    if (text !== undefined) templates[name.slice(0, -".jinja".length)] = text;
  }
  return templates;
}

export async function readText(files: PretrainedFiles, name: string): Promise<string | undefined> {
  const path = await files.find(name);
  return path === undefined ? undefined : readFile(path, "utf8");
}

export async function readBytes(
  files: PretrainedFiles,
  name: string,
): Promise<Uint8Array | undefined> {
  const path = await files.find(name);
  return path === undefined ? undefined : readFile(path);
}

async function readObject(files: PretrainedFiles, name: string): Promise<JsonObject> {
  const text = await readText(files, name);
  if (text === undefined) return {};
  return checked(files.id, () => parseObject(parseJson(text, name), name));
}

/** Runs a parser of these files; what it finds wrong names the tokenizer too. */
export function checked<T>(id: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) {
      throw new TokenizerConfigError(id, error);
    }
    throw error;
  }
}
