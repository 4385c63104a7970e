import { mapConcurrent } from "@bearhug/core";
import type { HostTensor } from "../host-tensor.ts";
import { checkFeeds, placeOutputs } from "./feeds.ts";
import type { Session } from "./runtime.ts";

export interface PartsOptions {
  readonly signal?: AbortSignal | undefined;
  /** How many elements of the first axis one run may take. */
  readonly rowsPerRun: number;
  /** How many runs may be under way at once. Default 1. */
  readonly concurrency?: number | undefined;
}

/**
 * Runs a graph whose inputs and outputs all have the batch as their first axis, some rows of it at a
 * time. Results are written straight into tensors of the whole batch.
 *
 * A large batch is faster in parts, and needs far less memory: what a layer hands to the next then
 * stays in the processor's cache.
 */
export async function runInParts(
  session: Session,
  feeds: Readonly<Record<string, HostTensor>>,
  { signal, rowsPerRun, concurrency = 1 }: PartsOptions,
): Promise<Readonly<Record<string, HostTensor>>> {
  const sizes = checkFeeds(session.inputs, feeds);
  const rows = Object.values(feeds)[0]?.shape[0] ?? 0;
  const places = placeOutputs(session.outputs, sizes);
  const whole = session.outputs.map(({ name }, index) => [name, places[index]] as const);
  if (rows <= rowsPerRun || places.includes(undefined)) return session.run(feeds, { signal });
  // No place is undefined: that was just checked.
  const results = Object.fromEntries(whole) as Readonly<Record<string, HostTensor>>;
  const starts = Array.from(
    { length: Math.ceil(rows / rowsPerRun) },
    (_, part) => part * rowsPerRun,
  );
  const run = async (start: number): Promise<void> => {
    const end = Math.min(rows, start + rowsPerRun);
    await session.run(rowsOf(feeds, start, end), { signal, outputs: rowsOf(results, start, end) });
  };
  await mapConcurrent(starts, run, { limit: concurrency, signal });
  return results;
}

function rowsOf(
  tensors: Readonly<Record<string, HostTensor>>,
  start: number,
  end: number,
): Readonly<Record<string, HostTensor>> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, sliceRows(tensor, start, end)]),
  );
}

/** Rows `start` to `end` of the first axis, in the same memory. */
function sliceRows(tensor: HostTensor, start: number, end: number): HostTensor {
  const { dtype, shape, data } = tensor;
  const width = data.length / Math.max(shape[0] ?? 1, 1);
  const part = data.subarray(start * width, end * width);
  return { dtype, shape: [end - start, ...shape.slice(1)], data: part };
}
