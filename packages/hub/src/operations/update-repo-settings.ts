import type { Connection } from "../connection.ts";
import type { RepoSettingsJson } from "../protocol/repo-requests.ts";
import { parseRepoId, type RepoId, repoApiPath, repoPath } from "../repo-id.ts";
import { request } from "../request.ts";

/** What to change; the rest stays. */
export interface RepoSettings {
  readonly private?: boolean | undefined;
  /** Whether readers must ask: not at all, granted at once, or by a person. */
  readonly gated?: false | "auto" | "manual" | undefined;
  readonly signal?: AbortSignal | undefined;
}

export async function updateRepoSettings(
  connection: Connection,
  id: RepoId,
  settings: RepoSettings,
): Promise<void> {
  const repo = parseRepoId(id);
  const json: RepoSettingsJson = {
    ...(settings.private === undefined ? {} : { private: settings.private }),
    ...(settings.gated === undefined ? {} : { gated: settings.gated }),
  };
  await request(connection, {
    path: `${repoApiPath(repo)}/settings`,
    method: "PUT",
    action: `change the settings of "${repoPath(repo)}"`,
    json,
    repo,
    signal: settings.signal,
  });
}
