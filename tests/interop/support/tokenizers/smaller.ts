import type { Json } from "./pipelines.ts";

/** Leaves parts of a pipeline out as long as `stillFails`. */
export async function smaller(
  pipeline: Json,
  stillFails: (candidate: Json) => Promise<boolean>,
): Promise<Json> {
  let best = pipeline;
  for (let isProgress = true; isProgress; ) {
    isProgress = false;
    for (const candidate of candidates(best)) {
      if (!(await stillFails(candidate))) continue;
      best = candidate;
      isProgress = true;
      break;
    }
  }
  return best;
}

const LISTS: Readonly<Record<string, string>> = {
  normalizer: "normalizers",
  pre_tokenizer: "pretokenizers",
  post_processor: "processors",
  decoder: "decoders",
};

/** All pipelines with one part less. */
function* candidates(pipeline: Json): Generator<Json> {
  for (const name of ["truncation", "padding", ...Object.keys(LISTS)]) {
    if (pipeline[name]) yield { ...pipeline, [name]: null };
  }
  for (const [name, list] of Object.entries(LISTS)) {
    const component = pipeline[name] as Json | null;
    const items = component?.[list] as readonly Json[] | undefined;
    if (!items) continue;
    if (items.length === 1) yield { ...pipeline, [name]: items[0] };
    for (const rest of withoutOne(items))
      yield { ...pipeline, [name]: { ...component, [list]: rest } };
  }
  for (const rest of withoutOne(pipeline["added_tokens"] as readonly Json[])) {
    yield { ...pipeline, added_tokens: rest };
  }
  yield* smallerModels(pipeline);
}

function* smallerModels(pipeline: Json): Generator<Json> {
  const model = pipeline["model"] as Json;
  const merges = model["merges"] as readonly unknown[] | undefined;
  if (!merges) return;
  if (merges.length > 8) {
    const half = merges.length >> 1;
    yield { ...pipeline, model: { ...model, merges: merges.slice(half) } };
    yield { ...pipeline, model: { ...model, merges: merges.slice(0, half) } };
    return;
  }
  for (const rest of withoutOne(merges)) yield { ...pipeline, model: { ...model, merges: rest } };
}

function withoutOne<T>(items: readonly T[]): readonly (readonly T[])[] {
  return items.map((_, i) => [...items.slice(0, i), ...items.slice(i + 1)]);
}
