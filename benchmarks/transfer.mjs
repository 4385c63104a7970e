// Megabytes per second in and out of the Hub: our client and server, the reference's client on our server, git-lfs on
// our server, and plain nginx with curl as the least that a file server does. Each round sends new noise, so nothing is
// deduplicated or compressed; the time is that of the whole command, its start included. Ours hashes, verifies and
// makes the bytes durable before it says yes; nginx does none of it.
import { createCipheriv, randomBytes } from "node:crypto";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { print, save, summarise } from "./report.mjs";
import { execute, ROOT } from "./set-up.mjs";
import { downloads, emptyFolder, OURS, uploads } from "./transfer/contestants.mjs";
import { startBearhug, startNginx } from "./transfer/servers.mjs";

const MB = 1_000_000;
const SIZES = [
  { label: "90 MB", size: 90 * MB },
  { label: "500 MB", size: 500 * MB },
];

export async function run({ rounds = 3 } = {}) {
  await execute(join(ROOT, "tests", "interop", "set-up.sh"), []);
  const folder = await mkdtemp(join(tmpdir(), "bearhug-transfer-"));
  process.env.GIT_CONFIG_GLOBAL = join(folder, "gitconfig");
  await execute("git", ["lfs", "install", "--skip-repo"]);
  const samples = {};
  const servers = { hub: await startBearhug(folder), nginx: await startNginx(folder) };
  try {
    for (const { label, size } of SIZES) {
      for (let round = 0; round < rounds; round++) {
        const job = {
          ...servers,
          size,
          name: `n${size / MB}-${round}`,
          base: "weights.safetensors",
        };
        job.file = join(folder, job.base);
        await measure({
          samples,
          round,
          workload: `upload, ${label}`,
          contestants: uploads,
          job,
          folder,
          fresh: true,
        });
        await measure({
          samples,
          round,
          workload: `download, ${label}`,
          contestants: downloads,
          job,
          folder,
        });
      }
    }
  } finally {
    await servers.hub.stop();
    await servers.nginx.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const results = summarise(samples, OURS);
  print(results, "MB/s");
  await save("transfer", { unit: "MB/s (1 MB = 1,000,000 bytes)", rounds, results });
}

/** One turn of each contestant. With `fresh`, each gets bytes that no server has seen. */
async function measure({ samples, round, workload, contestants, job, folder, fresh = false }) {
  const names = Object.keys(contestants);
  for (const [index] of names.entries()) {
    const name = names[(index + round) % names.length];
    const contestant = contestants[name];
    if (fresh) await writeNoise(job.file, job.size);
    const turn = { ...job, work: await emptyFolder(join(folder, "work")) };
    await contestant.prepare(turn);
    const started = performance.now();
    await contestant.run(turn);
    const seconds = (performance.now() - started) / 1000;
    samples[workload] ??= {};
    samples[workload][name] ??= [];
    samples[workload][name].push(job.size / MB / seconds);
  }
}

async function writeNoise(path, size) {
  const cipher = createCipheriv("aes-256-ctr", randomBytes(32), randomBytes(16));
  const zeros = Buffer.alloc(10 * MB);
  const file = await open(path, "w");
  try {
    for (let written = 0; written < size; written += zeros.length)
      await file.write(cipher.update(zeros));
  } finally {
    await file.close();
  }
  if ((await stat(path)).size !== size) throw new RangeError(`${size} is not a multiple of 10 MB`);
}
