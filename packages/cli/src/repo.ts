import { parseRepoId, type RepoReference, type RepoType } from "@bearhug/hub";
import { UsageError } from "./command.ts";

const TYPES: readonly RepoType[] = ["model", "dataset", "space"];

/** A repository from a typed id and the options `--type` and `--revision`. */
export function repoFrom(
  id: string,
  {
    type,
    revision,
  }: { readonly type?: string | undefined; readonly revision?: string | undefined },
): RepoReference {
  const typed = parseRepoId(id);
  const chosen = type === undefined ? typed.type : TYPES.find((known) => known === type);
  if (!chosen) throw new UsageError(`--type must be one of ${TYPES.join(", ")}, got "${type}"`);
  return { ...typed, type: chosen, revision: revision ?? typed.revision };
}
