import { HubError } from "../http/hub-error.ts";
import { booleanParameter } from "../http/query.ts";

/** @throws {HubError} 422 when a commit should open a pull request, which this server does not offer. */
export function refusePullRequest(query: URLSearchParams): void {
  if (!booleanParameter(query, "create_pr")) return;
  throw new HubError(422, "UnprocessableContent", {
    message: "This server does not offer pull requests: commit to a branch (without create_pr)",
  });
}
