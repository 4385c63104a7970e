/** A Hub with one user and one private repository, and a client's moves against its Xet storage. */
import { createHash } from "node:crypto";
import {
  Chunker,
  fileHash,
  readChunk,
  serializeShard,
  verificationHash,
  type Xorb,
  XorbBuilder,
  XorbReader,
} from "@bearhug/xet";
import { openTestHub, TEST_HOST, type TestHub, type TestUser } from "../scratch-hub.case.ts";

export interface PreparedFile {
  readonly xorb: Xorb;
  readonly hash: string;
  readonly sha256: string;
  readonly shard: Uint8Array<ArrayBuffer>;
}

export interface XetTestHub extends AsyncDisposable {
  readonly hub: TestHub;
  /** Owns the private model `ada/first`. */
  readonly ada: TestUser;
  readonly send: TestHub["send"];
  createRepo(user: TestUser, id: string, isPrivate?: boolean): Promise<void>;
  /** A storage token. */
  token(user: TestUser, repo: string, kind?: "read" | "write"): Promise<string>;
  post(path: string, xet: string, body: Uint8Array): Promise<Response>;
  /** Sends the xorb and the shard; gives the lines of the reply. */
  upload(xet: string, file: PreparedFile, version?: "v1" | "v2"): Promise<readonly unknown[]>;
  /** The terms' content that a v2 recipe leads to, from the first wanted byte on. */
  download(xet: string, hash: string, range?: string): Promise<Buffer>;
  /** One commit of an LFS pointer to `ada/first`. */
  commitLfs(
    path: string,
    file: { readonly sha256: string; readonly size: number },
  ): Promise<Response>;
}

export async function openXetHub(): Promise<XetTestHub> {
  const hub = await openTestHub();
  const ada = await hub.user("ada");
  const { send } = hub;
  const createRepo: XetTestHub["createRepo"] = async (user, id, isPrivate = true) => {
    const [organization, name] = id.split("/");
    const body = { name, organization, private: isPrivate };
    await expectOk(send("POST /api/repos/create", { token: user.token, body }));
  };
  await createRepo(ada, "ada/first");
  const post: XetTestHub["post"] = (path, xet, body) =>
    send(`POST /cas${path}`, { token: xet, body });
  return {
    hub,
    ada,
    send,
    createRepo,
    post,
    async token(user, repo, kind = "write") {
      const path = `/api/models/${repo}/xet-${kind}-token/main`;
      const reply = await expectOk(send(`GET ${path}`, { token: user.token }));
      return ((await reply.json()) as { accessToken: string }).accessToken;
    },
    async upload(xet, file, version = "v2") {
      await expectOk(post(`/v1/xorbs/default/${file.xorb.hash}`, xet, file.xorb.bytes));
      const reply = await expectOk(post(`/${version}/shards`, xet, file.shard));
      return (await reply.text())
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
    },
    download: (xet, hash, range) => download(send, { xet, hash, range }),
    commitLfs(path, { sha256, size }) {
      const lines = [
        { key: "header", value: { summary: "Add weights" } },
        { key: "lfsFile", value: { path, algo: "sha256", oid: sha256, size } },
      ];
      const body = lines.map((line) => JSON.stringify(line)).join("\n");
      return send("POST /api/models/ada/first/commit/main", { token: ada.token, body });
    },
    [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose](),
  };
}

async function expectOk(sent: Promise<Response>): Promise<Response> {
  const reply = await sent;
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
  return reply;
}

/** One file in one xorb, as a client would send it. */
export function prepare(
  bytes: Uint8Array,
  change: { readonly sha256?: string; readonly verification?: string } = {},
): PreparedFile {
  const chunker = new Chunker();
  const builder = new XorbBuilder();
  for (const chunk of [...chunker.push(bytes), ...chunker.finish()]) builder.add(chunk);
  const xorb = builder.finish();
  const { chunks, rawBytes } = xorb;
  const hash = fileHash(chunks);
  const sha256 = change.sha256 ?? createHash("sha256").update(bytes).digest("hex");
  const verification = change.verification ?? verificationHash(chunks.map((chunk) => chunk.hash));
  const terms = [{ xorb: xorb.hash, start: 0, end: chunks.length, size: bytes.length }];
  const shard = serializeShard({
    files: [{ hash, terms, verification: [verification], sha256 }],
    xorbs: [{ hash: xorb.hash, chunks, rawBytes, serializedBytes: xorb.bytes.length }],
  });
  return { xorb, hash, sha256, shard };
}

interface Interval {
  readonly start: number;
  readonly end: number;
}

export interface RecipeV2 {
  readonly offset_into_first_range: number;
  readonly terms: readonly { readonly hash: string; readonly range: Interval }[];
  readonly xorbs: Readonly<
    Record<string, readonly { readonly url: string; readonly ranges: readonly FetchRange[] }[]>
  >;
}

interface FetchRange {
  readonly chunks: Interval;
  readonly bytes: Interval;
}

async function download(
  send: TestHub["send"],
  wanted: { readonly xet: string; readonly hash: string; readonly range: string | undefined },
): Promise<Buffer> {
  const headers: Record<string, string> = wanted.range ? { range: wanted.range } : {};
  const path = `/cas/v2/reconstructions/${wanted.hash}`;
  const reply = await expectOk(send(`GET ${path}`, { token: wanted.xet, headers }));
  const recipe = (await reply.json()) as RecipeV2;
  const parts: Uint8Array[] = [];
  for (const { hash, range } of recipe.terms) {
    const entries = (recipe.xorbs[hash] ?? []).flatMap(({ url, ranges }) =>
      ranges.map((part) => ({ url, ...part })),
    );
    const entry = entries.find(
      ({ chunks }) => chunks.start <= range.start && range.end <= chunks.end,
    );
    if (!entry) throw new Error(`No address for chunks ${range.start} to ${range.end}`);
    const { url, chunks, bytes } = entry;
    const data = await expectOk(
      send(`GET ${url.replace(TEST_HOST, "")}`, {
        headers: { range: `bytes=${bytes.start}-${bytes.end}` },
      }),
    );
    const records = new XorbReader().push(new Uint8Array(await data.arrayBuffer()));
    const used = records.slice(range.start - chunks.start, range.end - chunks.start);
    parts.push(...used.map(readChunk));
  }
  return Buffer.concat(parts).subarray(recipe.offset_into_first_range);
}
