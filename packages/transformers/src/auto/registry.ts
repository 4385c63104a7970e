import type { Architecture } from "./architecture.ts";

/** The model families that load, by the `model_type` of their configuration. */
const ARCHITECTURES: Readonly<Record<string, () => Promise<Architecture>>> = {
  bert: async () => (await import("../models/bert/model.ts")).bert,
  camembert: async () => (await import("../models/roberta/model.ts")).roberta,
  distilbert: async () => (await import("../models/distilbert/model.ts")).distilBert,
  mpnet: async () => (await import("../models/mpnet/model.ts")).mpnet,
  roberta: async () => (await import("../models/roberta/model.ts")).roberta,
  "xlm-roberta": async () => (await import("../models/roberta/model.ts")).roberta,
};

export const MODEL_TYPES: readonly string[] = Object.keys(ARCHITECTURES);

/** The family of a model type, or `undefined` for one that this version does not run. */
export async function findArchitecture(modelType: string): Promise<Architecture | undefined> {
  return Object.hasOwn(ARCHITECTURES, modelType) ? ARCHITECTURES[modelType]?.() : undefined;
}
