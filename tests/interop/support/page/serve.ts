// Builds a page of the sources and their tests, and serves it with the repository's fixtures.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { ROOT } from "../paths.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
};
const SERVED = ["fixtures/", ".assets/"];

export interface PageServer extends AsyncDisposable {
  readonly url: string;
}

/** Only for tests: what they read and check with. Sources get nothing of Node, and fail to build if they ask. */
const testsOnly: Plugin = {
  name: "tests-only",
  setup(bundle) {
    bundle.onResolve({ filter: /^(?:vitest|node:fs)$/ }, ({ path, importer }) => {
      if (!importer.endsWith(".test.ts")) return undefined;
      const stand = path === "vitest" ? "test-runner.ts" : "files.ts";
      return { path: join(import.meta.dirname, stand) };
    });
  },
};

const BUILD = {
  absWorkingDir: ROOT,
  bundle: true,
  write: false,
  format: "esm",
  platform: "browser",
  conditions: ["source"],
  target: "es2022",
  logLevel: "silent",
} satisfies BuildOptions & { readonly write: false };

/** The package alone, as an application bundles it. @throws when it needs anything that browsers lack */
export async function bundlePackage(entry: string): Promise<Uint8Array> {
  const { outputFiles } = await build({ ...BUILD, entryPoints: [entry], minify: true });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

/** Serves each of `tests` as a module at its own path, so that it finds its fixtures as it does on disk. */
export async function servePage(tests: readonly string[]): Promise<PageServer> {
  const { outputFiles } = await build({
    ...BUILD,
    entryPoints: ["tests/interop/support/page/index.ts", ...tests],
    outbase: ".",
    outdir: ROOT,
    splitting: true,
    plugins: [testsOnly],
  });
  const built = new Map(outputFiles.map(({ path, text }) => [path.slice(ROOT.length), text]));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://page.invalid").pathname);
    const type = TYPES[extname(path)] ?? "text/html; charset=utf-8";
    const send = (status: number, body = "") =>
      response.writeHead(status, { "content-type": type }).end(body);
    const script = built.get(path);
    if (script !== undefined) return void send(200, script);
    if (path === "/") {
      const entry = "/tests/interop/support/page/index.js";
      return void send(200, `<!doctype html><script type="module" src="${entry}"></script>`);
    }
    if (path === "/favicon.ico") return void send(204);
    const file = normalize(path).slice(1);
    if (!SERVED.some((folder) => file.startsWith(folder))) return void send(404);
    stat(join(ROOT, file)).then(
      () => {
        response.writeHead(200, { "content-type": type });
        if (request.method === "HEAD") response.end();
        else createReadStream(join(ROOT, file)).pipe(response);
      },
      () => send(404),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
