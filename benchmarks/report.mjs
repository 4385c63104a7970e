// Numbers to a table and to a file: medians and ratios, because a time alone says little about another machine.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const round = (number) => Number(number.toPrecision(4));

/**
 * @param samples workload → contestant → one number a round, more is better
 * @returns workload → contestant → median, range, and how many times `ours` it is
 */
export function summarise(samples, ours) {
  const results = {};
  for (const [workload, contestants] of Object.entries(samples)) {
    const reference = median(contestants[ours]);
    results[workload] = {};
    for (const [name, numbers] of Object.entries(contestants)) {
      results[workload][name] = {
        median: round(median(numbers)),
        min: round(Math.min(...numbers)),
        max: round(Math.max(...numbers)),
        ...(name === ours ? {} : { oursIsTimesAsFast: round(reference / median(numbers)) }),
      };
    }
  }
  return results;
}

export function print(results, unit) {
  for (const [workload, contestants] of Object.entries(results)) {
    console.log(`\n${workload} (${unit}, median [min, max])`);
    for (const [name, { median: middle, min, max, oursIsTimesAsFast }] of Object.entries(
      contestants,
    )) {
      const ratio =
        oursIsTimesAsFast === undefined ? "" : `  bearhug is ${oursIsTimesAsFast.toFixed(2)}×`;
      console.log(`  ${name.padEnd(34)} ${String(middle).padStart(8)} [${min}, ${max}]${ratio}`);
    }
  }
}

export async function save(name, report) {
  const folder = join(import.meta.dirname, "results");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${new Date().toISOString().slice(0, 10)}-${name}.json`);
  await writeFile(path, `${JSON.stringify({ ...report, machine: await machine() }, null, 2)}\n`);
  console.log(`\nSaved ${path}`);
}

async function machine() {
  const governor = await readFile("/proc/loadavg", "utf8").catch(() => "");
  return {
    processor: cpus()[0]?.model,
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    loadAtEnd: governor.split(" ").slice(0, 3).join(" "),
  };
}
