import { environment, fileSystem } from "#platform";

/** How a client reaches its Hub; every operation takes one. */
export interface Connection {
  /** No trailing slash. */
  readonly endpoint: string;
  readonly fetch: typeof globalThis.fetch;
  /** The folder shared with Python's huggingface_hub; `undefined` in browsers. */
  readonly cacheDir: string | undefined;
  readonly offline: boolean;
  /** Whether large files may travel as Xet chunks. */
  readonly xet: boolean;
  /** Wait before the first retry, in milliseconds. */
  readonly retryDelayMs: number;
  token(): Promise<string | undefined>;
  /** Milliseconds since 1970: tokens end. */
  now(): number;
}

/** What a caller may set; the rest comes from the environment. */
export interface ConnectionOptions {
  /** Address of the Hub. Default `HF_ENDPOINT`, else `https://huggingface.co`. */
  readonly endpoint?: string | undefined;
  /** Access token; `false` sends none. Default `HF_TOKEN`, else what `bearhug login` stored. */
  readonly token?: string | false | undefined;
  /** Default the global `fetch`. A server's own fetch handler joins client and server in one process. */
  readonly fetch?:
    | ((input: string | URL | Request, init?: RequestInit) => Promise<Response>)
    | undefined;
  /** Folder of downloaded files. Default `HF_HUB_CACHE`, else `HF_HOME/hub`. Not used in browsers. */
  readonly cacheDir?: string | undefined;
  /** Never touch the network; serve from the cache only. Default `HF_HUB_OFFLINE`. */
  readonly offline?: boolean | undefined;
  /** Whether large files may travel as deduplicated Xet chunks. Default true, unless `HF_HUB_DISABLE_XET`. */
  readonly xet?: boolean | undefined;
  /** Wait before the first retry in milliseconds; doubles each time up to eight times this. Default 1000. */
  readonly retryDelayMs?: number | undefined;
}

export function createConnection(options: ConnectionOptions): Connection {
  const defaults = environment();
  const endpoint = options.endpoint ?? defaults.endpoint ?? "https://huggingface.co";
  return {
    endpoint: endpoint.replace(/\/+$/, ""),
    // The global is looked up at each call: tests and instrumentation replace it.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    cacheDir: fileSystem ? (options.cacheDir ?? defaults.cacheDir) : undefined,
    offline: options.offline ?? defaults.offline,
    xet: options.xet ?? !defaults.disableXet,
    retryDelayMs: options.retryDelayMs ?? 1000,
    now: () => Date.now(),
    token: async () => {
      if (options.token === false) return undefined;
      return options.token ?? defaults.token ?? (await storedToken(defaults.tokenFile));
    },
  };
}

/** Read at every request: a login takes effect at once in processes that run. */
async function storedToken(path: string | undefined): Promise<string | undefined> {
  const text = path ? await fileSystem?.readText(path) : undefined;
  return text?.trim() || undefined;
}
