import type { Context } from "hono";
import type { HubContext, HubEnv } from "../http/context.ts";
import type { OpenRepo } from "../services/services.ts";

/** Files that one download of a model reads exactly once. */
const MODEL_FILES = new Set([
  "config.json",
  "config.yaml",
  "hyperparams.yaml",
  "params.json",
  "meta.yaml",
]);
/** A dataset's files count once a client in this time. */
const DATASET_WINDOW_MS = 5 * 60 * 1000;
const MAX_CLIENTS = 20_000;

interface Served {
  readonly repo: OpenRepo;
  readonly path: string;
}

/** Counts what was served: a model by its telling file, a dataset by its reader. */
export function countDownload(context: HubContext): (c: Context<HubEnv>, file: Served) => void {
  const seen = new Map<string, number>();
  return (c, { repo, path }) => {
    const { recordId, type } = repo.summary;
    if (type === "model" && !MODEL_FILES.has(path) && !path.endsWith(".gguf")) return;
    if (type !== "model" && !isFirst(seen, `${recordId} ${clientKey(c)}`, context.now())) return;
    context.services.repositories.countDownload(recordId);
  };
}

function isFirst(seen: Map<string, number>, key: string, now: Date): boolean {
  const time = now.getTime();
  const last = seen.get(key);
  if (last !== undefined && time - last < DATASET_WINDOW_MS) return false;
  seen.delete(key);
  seen.set(key, time);
  const [oldest] = seen.keys();
  if (seen.size > MAX_CLIENTS && oldest !== undefined) seen.delete(oldest);
  return true;
}

function clientKey(c: Context<HubEnv>): string {
  const address = c.req.header("x-forwarded-for")?.split(",")[0]?.trim();
  return c.get("viewer")?.id ?? `${address ?? ""} ${c.req.header("user-agent") ?? ""}`;
}
