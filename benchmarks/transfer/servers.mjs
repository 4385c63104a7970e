// The servers under measurement, each on a free port with an empty folder: ours as users start it, and plain nginx.
import { execFile, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../set-up.mjs";

export const BEARHUG = join(ROOT, "packages", "cli", "bin", "bearhug.js");
const run = promisify(execFile);

export async function startBearhug(folder) {
  const data = join(folder, "bearhug");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    process.execPath,
    [BEARHUG, "serve", "--data", data, "--host", "127.0.0.1", "--port", String(port)],
    {
      stdio: "ignore",
    },
  );
  await answers(`${url}/api/models`);
  const admin = async (...args) =>
    (await run(process.execPath, [BEARHUG, "admin", ...args, "--data", data])).stdout.trim();
  await admin("user", "create", "ada", "--password", "only for a benchmark");
  const token = await admin("token", "create", "ada", "--role", "write");
  return { url, token, data, pid: child.pid, stop: () => end(child) };
}

/** GET from a folder with sendfile, PUT by WebDAV: the least that a file server can do. */
export async function startNginx(folder) {
  const root = join(folder, "nginx");
  await mkdir(join(root, "files"), { recursive: true });
  const port = await freePort();
  const config = join(root, "nginx.conf");
  await writeFile(
    config,
    `daemon off; master_process off; user root; pid ${root}/pid; error_log ${root}/error.log;
events { worker_connections 64; }
http {
  access_log off; sendfile on; client_max_body_size 0;
  client_body_temp_path ${root}/body; proxy_temp_path ${root}/p; fastcgi_temp_path ${root}/f;
  uwsgi_temp_path ${root}/u; scgi_temp_path ${root}/s;
  server { listen 127.0.0.1:${port}; location / { root ${root}/files; dav_methods PUT DELETE; } }
}`,
  );
  const child = spawn("nginx", ["-c", config, "-p", root], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(url);
  return { url, files: join(root, "files"), pid: child.pid, stop: () => end(child) };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function answers(url) {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer`);
}

function end(child) {
  return new Promise((resolve) => {
    child.on("exit", resolve);
    child.kill("SIGTERM");
  });
}
