import { HubError } from "../http/hub-error.ts";
import type { RepoSummary } from "../services/services.ts";

/** Most bytes of a request. */
export const MAX_REQUEST_BYTES: number = 8 * 2 ** 20;

/** @throws {HubError} 422 for a repository without commits. */
export function headOf({ sha, id }: RepoSummary): string {
  if (sha !== undefined) return sha;
  throw new HubError(422, "UnprocessableContent", { message: `"${id}" has no files yet` });
}
