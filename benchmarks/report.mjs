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
 * A sample is what a contestant did in one round: `rate`, more is better, and `cpu`, the processor's seconds for one of
 * what the rate counts. Contestants are compared within a round, whose luck they share: the ratios are medians of those.
 *
 * @param samples workload → contestant → one sample a round, in order
 * @returns workload → contestant → rates, seconds, and how many times as fast `ours` is, by the clock and by the processor
 */
export function summarise(samples, ours) {
  const results = {};
  for (const [workload, contestants] of Object.entries(samples)) {
    const reference = contestants[ours];
    results[workload] = {};
    for (const [name, rounds] of Object.entries(contestants)) {
      const rates = rounds.map(({ rate }) => rate);
      results[workload][name] = {
        median: round(median(rates)),
        min: round(Math.min(...rates)),
        max: round(Math.max(...rates)),
        cpuSecondsEach: round(median(rounds.map(({ cpu }) => cpu))),
        ...(name === ours ? {} : compare(reference, rounds)),
      };
    }
  }
  return results;
}

function compare(ours, others) {
  const byClock = others.map(({ rate }, at) => ours[at].rate / rate);
  const byProcessor = others.map(({ cpu }, at) => cpu / ours[at].cpu);
  return {
    oursIsTimesAsFast: round(median(byClock)),
    leastAndMost: [round(Math.min(...byClock)), round(Math.max(...byClock))],
    oursIsTimesAsFastByProcessor: round(median(byProcessor)),
  };
}

export function print(results, unit) {
  for (const [workload, contestants] of Object.entries(results)) {
    console.log(`\n${workload} (${unit}, median [min, max]; processor ms each)`);
    for (const [name, result] of Object.entries(contestants)) console.log(line(name, result));
  }
}

function line(name, result) {
  const { median: middle, min, max, cpuSecondsEach } = result;
  const rates = `${String(middle).padStart(8)} [${min}, ${max}]`.padEnd(28);
  const start = `  ${name.padEnd(42)} ${rates} ${(1000 * cpuSecondsEach).toFixed(2).padStart(8)} ms`;
  if (result.oursIsTimesAsFast === undefined) return start;
  const [least, most] = result.leastAndMost;
  const times = (ratio) => `${ratio.toFixed(2)}×`;
  return `${start}  bearhug is ${times(result.oursIsTimesAsFast)} [${times(least)}, ${times(most)}], by processor ${times(result.oursIsTimesAsFastByProcessor)}`;
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
