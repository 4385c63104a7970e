import { downloadHeaders, seesRedirects } from "#platform";
import type { Connection } from "../connection.ts";
import { HubConnectionError } from "../errors.ts";
import { type Repo, repoPath } from "../repo-id.ts";
import { type HubRequest, request } from "../request.ts";
import { resolvePath } from "./resolve-url.ts";

/** A file on the Hub, as its headers or a listing describe it. */
export interface RemoteFile {
  readonly repo: Repo;
  readonly path: string;
  /** The commit that the revision stands for. */
  readonly commit: string;
  /** Name of the content: sha256 of a large file, Git's blob id of another. */
  readonly etag: string;
  /** Bytes; `undefined` when the Hub does not say. */
  readonly size: number | undefined;
  /** Set when the content can travel as Xet chunks. */
  readonly xetHash: string | undefined;
}

const MAX_REDIRECTS = 10;

/** Asks for a file's headers only. Redirects to other hosts are not followed: their headers are of the store there. */
export async function remoteFile(
  connection: Connection,
  { repo, path }: { readonly repo: Repo; readonly path: string },
  {
    signal,
    retry = false,
  }: { readonly signal?: AbortSignal | undefined; readonly retry?: boolean } = {},
): Promise<RemoteFile> {
  const wanted: HubRequest = {
    path: resolvePath(repo, path),
    method: "HEAD",
    action: `download "${path}" from "${repoPath(repo)}"${repo.revision ? ` at "${repo.revision}"` : ""}`,
    headers: downloadHeaders,
    redirect: seesRedirects ? "manual" : "follow",
    repo,
    entry: path,
    retry,
    signal,
  };
  let response = await request(connection, wanted);
  let url = new URL(connection.endpoint + wanted.path);
  for (let hop = 0; response.status >= 300 && hop < MAX_REDIRECTS; hop++) {
    const target = new URL(response.headers.get("location") ?? "", url);
    if (target.host !== url.host) break;
    url = target;
    response = await request(connection, { ...wanted, path: url.href });
  }
  return describe(response.headers, { repo, path, url: url.href, moved: response.status >= 300 });
}

interface Described {
  readonly repo: Repo;
  readonly path: string;
  readonly url: string;
  readonly moved: boolean;
}

function describe(headers: Headers, { repo, path, url, moved }: Described): RemoteFile {
  const commit = headers.get("x-repo-commit");
  const etag = cleanEtag(headers.get("x-linked-etag") ?? headers.get("etag"));
  // Both become names in the cache: what could lead out of it is no answer of a Hub.
  if (!commit || !/^[0-9a-f]{40}$/.test(commit) || !etag || !/^\w[\w.-]*$/.test(etag)) {
    throw new HubConnectionError(
      `Cannot download "${path}" from "${repoPath(repo)}": the answer has no usable X-Repo-Commit and ETag headers`,
      url.split("?")[0] ?? url,
      { hint: "Check that HF_ENDPOINT is the address of a Hub, and that no proxy removes headers" },
    );
  }
  const size = headers.get("x-linked-size") ?? (moved ? null : headers.get("content-length"));
  const xetHash = headers.get("x-xet-hash") ?? undefined;
  return {
    repo,
    path,
    commit,
    etag,
    size: size === null ? undefined : Number(size),
    xetHash: xetHash && /^[0-9a-f]{64}$/.test(xetHash) ? xetHash : undefined,
  };
}

/** Without quotes and weakness mark. */
export function cleanEtag(etag: string | null): string | undefined {
  return etag?.replace(/^W\//, "").replaceAll('"', "") || undefined;
}
