// Megabytes per second in and out of the Hub: our client and server, the reference's client on our server, git-lfs on
// our server, and plain nginx with curl as the least that a file server does. Each round sends new noise, so nothing is
// deduplicated or compressed; the time is that of the whole command, its start included, and the processor's seconds
// are those of client and server. Ours hashes, verifies and makes the bytes durable before it says yes; nginx does none
// of it.
import { createCipheriv, randomBytes } from "node:crypto";
import { mkdtemp, open, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { print, save, summarise } from "./report.mjs";
import { execute, ROOT } from "./set-up.mjs";
import { downloads, emptyFolder, OURS, uploads } from "./transfer/contestants.mjs";
import { startBearhug, startNginx } from "./transfer/servers.mjs";

const MB = 1_000_000;
/** Rounds are pairs of one upload and one download each; the large ones take most of the time. */
const SIZES = [
  { label: "90 MB", size: 90 * MB, share: 1 },
  { label: "500 MB", size: 500 * MB, share: 0.5 },
];
const ROUNDS = 10;

export async function run({ rounds = ROUNDS } = {}) {
  await execute(join(ROOT, "tests", "interop", "set-up.sh"), []);
  const samples = {};
  for (const { label, size, share } of SIZES) {
    await withServers(async (servers, folder) => {
      for (let round = 0; round < Math.ceil(rounds * share); round++) {
        const base = "weights.safetensors";
        const job = { ...servers, size, name: `n${round}`, base, file: join(folder, base) };
        const turn = { samples, round, job, folder };
        await measure(uploads, { ...turn, workload: `upload, ${label}`, fresh: true });
        await measure(downloads, { ...turn, workload: `download, ${label}` });
      }
    });
  }
  const results = summarise(samples, OURS);
  print(results, "MB/s");
  if (rounds < ROUNDS) return; // a glance, not a result
  await save("transfer", { unit: "MB/s (1 MB = 1,000,000 bytes)", rounds, results });
}

/** Servers of their own for each size: what the rounds leave on the disk would be many gigabytes. */
async function withServers(work) {
  const folder = await mkdtemp(join(tmpdir(), "bearhug-transfer-"));
  process.env.GIT_CONFIG_GLOBAL = join(folder, "gitconfig");
  await execute("git", ["lfs", "install", "--skip-repo"]);
  const servers = { hub: await startBearhug(folder), nginx: await startNginx(folder) };
  try {
    await work(servers, folder);
  } finally {
    await servers.hub.stop();
    await servers.nginx.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One turn of each contestant. With `fresh`, each gets bytes that no server has seen. */
async function measure(contestants, { samples, round, workload, job, folder, fresh = false }) {
  const names = Object.keys(contestants);
  for (const [index] of names.entries()) {
    const name = names[(index + round) % names.length];
    const contestant = contestants[name];
    if (fresh) await writeNoise(job.file, job.size);
    const turn = { ...job, work: await emptyFolder(join(folder, "work")) };
    await contestant.prepare(turn);
    const [started, processor] = [performance.now(), await processorSeconds(job)];
    await contestant.run(turn);
    const seconds = (performance.now() - started) / 1000;
    const cpu = (await processorSeconds(job)) - processor;
    const megabytes = job.size / MB;
    samples[workload] ??= {};
    samples[workload][name] ??= [];
    samples[workload][name].push({ rate: megabytes / seconds, cpu: cpu / megabytes });
  }
}

/** Of both servers, and of all clients that have ended. */
async function processorSeconds({ hub, nginx }) {
  const ticks = async (process, from) => {
    const fields = (await readFile(`/proc/${process}/stat`, "utf8")).split(") ")[1].split(" ");
    return Number(fields[from]) + Number(fields[from + 1]);
  };
  const [OWN, CHILDREN] = [11, 13]; // places of user time behind the name; system time follows
  const all = [ticks(hub.pid, OWN), ticks(hub.pid, CHILDREN), ticks(nginx.pid, OWN)];
  const sum = (await Promise.all([...all, ticks("self", CHILDREN)])).reduce((a, b) => a + b);
  return sum / TICKS_PER_SECOND;
}

/** What the kernel counts processor time in, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

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
