import { readFile } from "node:fs/promises";
import { type JsonObject, parseJson, parseObject } from "@bearhug/core";
import { ConfigError } from "../errors.ts";
import { openPretrained, type PretrainedFiles } from "../pretrained-files.ts";
import type { PretrainedOptions } from "../pretrained-options.ts";
import { type PretrainedConfig, parsePretrainedConfig } from "./config.ts";
import { findArchitecture } from "./registry.ts";

/** Reads the configuration of any model. */
export const AutoConfig = {
  /**
   * Reads `config.json`. For families that this version runs, the result is the family's own
   * configuration, checked; for others, what all have in common.
   *
   * @throws {PretrainedFileMissingError} when a directory has no `config.json`; the Hub client throws its own errors.
   * @throws {ConfigError} naming the field that is wrong.
   */
  async fromPretrained(id: string, options: PretrainedOptions = {}): Promise<PretrainedConfig> {
    const files = await openPretrained(id, options);
    const raw = await readConfig(files);
    const architecture = await findArchitecture(String(raw["model_type"]));
    return checkedConfig(files, () => (architecture?.parseConfig ?? parsePretrainedConfig)(raw));
  },
} as const;

/** `config.json` as it stands. */
export async function readConfig(files: PretrainedFiles): Promise<JsonObject> {
  const text = await readFile(await files.require("config.json"), "utf8");
  return checkedConfig(files, () => parseObject(parseJson(text, "config.json"), "config"));
}

/** Names the model in errors about fields of its configuration. */
export function checkedConfig<T>(files: PretrainedFiles, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const wrongField =
      error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
    throw wrongField ? new ConfigError(files.id, error) : error;
  }
}
