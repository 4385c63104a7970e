// Samples to ratios: contestants are compared within a round, and the median of the rounds counts, because the speed of
// a shared machine changes from one minute to the next.
import { median } from "../report.mjs";
import { barOf } from "./bars.mjs";
import { CONTESTANTS, NPM_PEERS, OFFICIAL_NODE, OFFICIAL_PYTHON, OURS } from "./contestants.mjs";

const OFFICIAL = [OFFICIAL_PYTHON, OFFICIAL_NODE];
const short = (number) => Number(number.toPrecision(4));
const range = (numbers) => ({
  median: short(median(numbers)),
  min: short(Math.min(...numbers)),
  max: short(Math.max(...numbers)),
});

/**
 * @param entry `samples`: contestant → rounds of `{ value, perCpu }`, more is better; `same`: contestant → whether its
 *   results equal the official library's; `errors`: contestant → message
 * @returns contestant → medians, ranges and how many times as fast ours is; a contestant with an error → the error
 */
export function summarise({ samples, same, errors }) {
  const contestants = {};
  for (const name of Object.keys(CONTESTANTS)) {
    if (errors[name]) contestants[name] = { error: errors[name] };
    const rounds = samples[name];
    if (!rounds) continue;
    contestants[name] = {
      wall: range(rounds.map(({ value }) => value)),
      perCpu: range(rounds.map(({ perCpu }) => perCpu)),
      ...(same[name] === undefined ? {} : { same: same[name] }),
      ...(name === OURS || !samples[OURS]
        ? {}
        : {
            oursIsTimesAsFast: range(ratios(samples[OURS], [rounds], "value")),
            oursIsTimesAsFastPerCpu: range(ratios(samples[OURS], [rounds], "perCpu")),
          }),
    };
  }
  return contestants;
}

/** Round by round: ours against the best of the others in that round. */
function ratios(ours, others, field) {
  const rounds = Math.min(ours.length, ...others.map((rounds) => rounds.length));
  return Array.from(
    { length: rounds },
    (_, i) => ours[i][field] / Math.max(...others.map((rounds) => rounds[i][field])),
  );
}

/** @returns the bars that a case has for a family of tokenizers, with what was reached */
export function judge(name, { tokenizer, family }, { samples }) {
  const bars = [];
  const add = (bar, against) => {
    const limits = barOf(bar, family);
    const present = against.filter((rival) => samples[rival]);
    if (!limits || !samples[OURS] || present.length === 0) return;
    const others = present.map((rival) => samples[rival]);
    const wall = range(ratios(samples[OURS], others, "value"));
    bars.push({
      bar,
      tokenizer,
      family,
      against: present,
      ...wall,
      perCpu: range(ratios(samples[OURS], others, "perCpu")),
      ...limits,
      reached: reached(wall.median, limits),
    });
  };
  add(name, OFFICIAL);
  if (name === "ids") add("best npm peer", NPM_PEERS);
  return bars;
}

/** The official face that takes less memory counts. */
export function judgeMemory(tokenizer, samples) {
  const limits = barOf("memory");
  const present = OFFICIAL.filter((rival) => samples[rival]);
  if (!samples[OURS] || present.length === 0) return [];
  const rounds = Math.min(...[OURS, ...present].map((name) => samples[name].length));
  const shares = Array.from(
    { length: rounds },
    (_, i) =>
      samples[OURS][i].memoryMB / Math.min(...present.map((name) => samples[name][i].memoryMB)),
  );
  const result = range(shares);
  return [
    {
      bar: "memory",
      tokenizer,
      against: present,
      ...result,
      ...limits,
      reached: reached(result.median, limits),
    },
  ];
}

function reached(value, { floor, aim, lessIsMore = false }) {
  const passes = (limit) => (lessIsMore ? value <= limit : value >= limit);
  if (passes(aim)) return "aim";
  return passes(floor) ? "floor" : "no";
}

export function printCase(title, unit, contestants) {
  console.log(`\n${title}`);
  console.log(`  ${"".padEnd(32)} ${unit.padStart(8)} [min, max] / per CPU second; bearhug is`);
  for (const [name, entry] of Object.entries(contestants)) {
    if (entry.error) {
      console.log(`  ${name.padEnd(32)} ${entry.error}`);
      continue;
    }
    const { wall, perCpu, same, oursIsTimesAsFast: ratio, oursIsTimesAsFastPerCpu: cpu } = entry;
    const times = ratio
      ? `  ${ratio.median}× [${ratio.min}, ${ratio.max}] / ${cpu.median}× per CPU`
      : "";
    const flag = same === false ? "  RESULTS DIFFER" : "";
    console.log(
      `  ${name.padEnd(32)} ${String(wall.median).padStart(8)} [${wall.min}, ${wall.max}] / ${perCpu.median}${times}${flag}`,
    );
  }
}

export function printBars(bars) {
  if (bars.length === 0) return;
  console.log("\nBars (median of the rounds' ratios [min, max]; against the better official face)");
  for (const {
    bar,
    tokenizer,
    median: middle,
    min,
    max,
    perCpu,
    floor,
    aim,
    reached: is,
  } of bars) {
    const what = `${bar}: ${tokenizer}`.padEnd(32);
    const cpu = perCpu ? `, per CPU second ${perCpu.median}×` : "";
    const verdict = { aim: "aim reached", floor: "floor reached", no: "BELOW THE FLOOR" }[is];
    console.log(
      `  ${what} ${String(middle).padStart(7)}× [${min}, ${max}]${cpu}  floor ${floor}, aim ${short(aim)}: ${verdict}`,
    );
  }
}
