/** The LFS batch call: for each object, whether it is here, and where to send or get it. */
import type { HubContext } from "../http/context.ts";
import { HubError } from "../http/hub-error.ts";
import type { OpenRepo, Viewer } from "../services/services.ts";
import type { BatchObject, BatchRequest } from "./batch-request.ts";
import { linkedObjects } from "./repository-objects.ts";
import { type LinkGrant, type LinkUse, signLink } from "./signed-link.ts";

const UPLOAD_SECONDS = 6 * 60 * 60;
const DOWNLOAD_SECONDS = 60 * 60;
const MAX_PARTS = 10_000;
/** Addresses of parts in one reply: half a kilobyte each. */
const MAX_ADDRESSES = 20_000;

/** What a client of the Xet protocol needs to upload to a repository. */
export interface XetGrant {
  /** Where it gets a new one, absolute. */
  readonly refreshUrl: string;
  readonly casUrl: string;
  readonly accessToken: string;
  /** Seconds since 1970. */
  readonly expiration: number;
}

export interface LfsOptions {
  /** Larger objects are uploaded in parts by clients that can. Default 128 MiB. */
  readonly partBytes?: number;
  /** Lets clients upload over Xet; without it they are offered LFS. */
  readonly grantXetUpload?:
    | ((request: {
        readonly repo: OpenRepo;
        readonly viewer: Viewer;
        readonly branch: string;
        readonly publicUrl: string;
      }) => Promise<XetGrant>)
    | undefined;
}

export interface Batch {
  readonly context: HubContext;
  readonly repo: OpenRepo;
  readonly viewer: Viewer;
  readonly publicUrl: string;
  readonly request: BatchRequest;
  readonly partBytes: number;
}

interface Action {
  readonly href: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly expires_in?: number;
}

export interface BatchReply {
  readonly transfer: "basic" | "multipart" | "xet";
  readonly objects: readonly {
    readonly oid: string;
    readonly size: number;
    readonly authenticated?: true;
    readonly actions?: {
      readonly upload?: Action;
      readonly verify?: Action;
      readonly download?: Action;
    };
    readonly error?: { readonly code: number; readonly message: string };
  }[];
  readonly hash_algo: "sha256";
}

export async function answerBatch(
  batch: Batch,
  grantXetUpload: LfsOptions["grantXetUpload"],
): Promise<BatchReply> {
  const states = await objectStates(batch);
  if (batch.request.operation === "download") {
    const objects = states.map((state) => downloadReply(batch, state));
    return { transfer: "basic", objects, hash_algo: "sha256" };
  }
  const { transfer, upload } = await uploadTransfer(batch, { states, grantXetUpload });
  const objects = states.map((state) => uploadReply(state, upload));
  return { transfer, objects, hash_algo: "sha256" };
}

interface ObjectState {
  readonly object: BatchObject;
  /** Size of what is stored under this hash, for whichever repository. */
  readonly stored: number | undefined;
  /** Whether this repository has shown that it has the content. */
  readonly isOwn: boolean;
}

async function objectStates({ context, repo, request }: Batch): Promise<readonly ObjectState[]> {
  const wanted = request.objects.filter(({ fault }) => fault === undefined).map(({ oid }) => oid);
  const own = new Set(await linkedObjects(context.database, repo.summary.recordId, wanted));
  if (wanted.some((oid) => !own.has(oid))) {
    const head = await repo.git.resolve("HEAD");
    const pointers = head === undefined ? [] : await repo.git.lfsPointers(head);
    for (const { oid } of pointers) own.add(oid);
  }
  return Promise.all(
    request.objects.map(async (object) => {
      const isOwn = object.fault === undefined && own.has(object.oid);
      const found = isOwn ? await context.services.content.statLfs(object.oid) : undefined;
      return { object, isOwn, stored: found?.size };
    }),
  );
}

type ObjectReply = BatchReply["objects"][number];

function failed({ oid, size }: BatchObject, code: number, message: string): ObjectReply {
  return { oid, size, error: { code, message } };
}

function downloadReply(batch: Batch, { object, stored }: ObjectState): ObjectReply {
  if (object.fault !== undefined) return failed(object, 422, object.fault);
  if (stored === undefined) return failed(object, 404, "The repository has no such object");
  const { oid } = object;
  const link = { use: "download", oid, size: stored } as const;
  const href = address(batch, link, DOWNLOAD_SECONDS);
  const download = { href, expires_in: DOWNLOAD_SECONDS };
  return { oid, size: stored, authenticated: true, actions: { download } };
}

type UploadActions = (object: BatchObject) => NonNullable<ObjectReply["actions"]>;

function uploadReply({ object, stored }: ObjectState, upload: UploadActions): ObjectReply {
  const { oid, size } = object;
  if (object.fault !== undefined) return failed(object, 422, object.fault);
  if (stored === size) return { oid, size };
  if (stored !== undefined) {
    return failed(object, 422, `The object with this sha256 has ${stored} bytes, not ${size}`);
  }
  return { oid, size, authenticated: true, actions: upload(object) };
}

async function uploadTransfer(
  batch: Batch,
  {
    states,
    grantXetUpload,
  }: {
    readonly states: readonly ObjectState[];
    readonly grantXetUpload: LfsOptions["grantXetUpload"];
  },
): Promise<{ readonly transfer: BatchReply["transfer"]; readonly upload: UploadActions }> {
  const { request, repo, viewer, publicUrl, partBytes } = batch;
  if (grantXetUpload && request.transfers.has("xet")) {
    const { branch } = request;
    const grant = await grantXetUpload({ repo, viewer, branch, publicUrl });
    return { transfer: "xet", upload: () => ({ upload: xetAction(grant) }) };
  }
  const isLarge = states.some(({ object }) => object.size > partBytes);
  if (!isLarge || !request.transfers.has("multipart")) {
    return { transfer: "basic", upload: (object) => basicActions(batch, object) };
  }
  checkParts(states, partBytes);
  // One transfer holds for all of the batch: Git's agent for it expects parts of every object.
  return {
    transfer: "multipart",
    upload: (object) =>
      object.size === 0 ? basicActions(batch, object) : partActions(batch, object),
  };
}

/** @throws {HubError} 413 when the reply would be too long. */
function checkParts(states: readonly ObjectState[], partBytes: number): void {
  const parts = states.map(({ object }) => Math.min(Math.ceil(object.size / partBytes), MAX_PARTS));
  if (parts.reduce((sum, count) => sum + count, 0) <= MAX_ADDRESSES) return;
  throw new HubError(413, "PayloadTooLarge", {
    message: "These objects have too many parts together: ask for fewer objects at once",
  });
}

function xetAction(grant: XetGrant): Action {
  return {
    href: grant.refreshUrl,
    header: {
      "X-Xet-Cas-Url": grant.casUrl,
      "X-Xet-Access-Token": grant.accessToken,
      "X-Xet-Token-Expiration": String(grant.expiration),
    },
  };
}

function basicActions(batch: Batch, { oid, size }: BatchObject) {
  const link = { use: "upload", oid, size } as const;
  return {
    upload: { href: address(batch, link, UPLOAD_SECONDS), expires_in: UPLOAD_SECONDS },
    verify: verifyAction(batch, { oid, size }),
  };
}

function partActions(batch: Batch, { oid, size }: BatchObject) {
  const partBytes = Math.max(batch.partBytes, Math.ceil(size / MAX_PARTS));
  const link = { use: "parts", oid, size, partBytes } as const;
  const token = sign(batch, link, UPLOAD_SECONDS);
  const header: Record<string, string> = { chunk_size: String(partBytes) };
  for (let part = 1; part <= Math.ceil(size / partBytes); part++) {
    const name = String(part).padStart(5, "0");
    header[name] = `${batch.publicUrl}/api/lfs/objects/${oid}/parts/${part}?token=${token}`;
  }
  const href = `${batch.publicUrl}/api/lfs/objects/${oid}/complete?token=${token}`;
  return {
    upload: { href, header, expires_in: UPLOAD_SECONDS },
    verify: verifyAction(batch, { oid, size }),
  };
}

function verifyAction(batch: Batch, { oid, size }: BatchObject): Action {
  const token = sign(batch, { use: "verify", oid, size }, UPLOAD_SECONDS);
  const href = `${batch.publicUrl}/api/lfs/objects/${oid}/verify?token=${token}`;
  return { href, expires_in: UPLOAD_SECONDS };
}

interface Link {
  readonly use: LinkUse;
  readonly oid: string;
  readonly size: number;
  readonly partBytes?: number;
}

function address(batch: Batch, link: Link, seconds: number): string {
  return `${batch.publicUrl}/api/lfs/objects/${link.oid}?token=${sign(batch, link, seconds)}`;
}

function sign({ context, repo, viewer }: Batch, link: Link, seconds: number): string {
  const { recordId, type, id } = repo.summary;
  const grant: LinkGrant = {
    ...link,
    recordId,
    repo: { type, id },
    account: viewer?.name,
    expiresAt: context.now().getTime() + seconds * 1000,
  };
  return signLink(context.config.secret, grant);
}
