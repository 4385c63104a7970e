/**
 * Positions of `text` in the order of their first `depth` characters.
 *
 * Prefix doubling with radix sorts: each round sorts by twice as many characters, so there are log2(depth) of them,
 * of a fixed number of passes over five integers a position, whatever the text.
 *
 * Source: Manber and Myers, "Suffix Arrays: A New Method for On-Line String Searches" (1990).
 *
 * @param size characters are below it.
 * @yields between rounds, so that the event loop can have its turn.
 */
export function* sortSuffixes(
  text: Int32Array,
  size: number,
  depth: number,
): Generator<void, Int32Array> {
  const { length } = text;
  const order = new Int32Array(length);
  const next = new Int32Array(length);
  let ranks = Int32Array.from(text);
  let nextRanks = new Int32Array(length);
  for (let i = 0; i < length; i++) next[i] = i;
  sortByRank(next, order, { ranks, classes: size });
  let classes = rank(order, nextRanks, (a, b) => text[a] === text[b]);
  [ranks, nextRanks] = [nextRanks, ranks];
  for (let sorted = 1; sorted < depth && classes < length; sorted *= 2) {
    yield;
    orderBySecondHalf(order, next, sorted);
    sortByRank(next, order, { ranks, classes });
    classes = rankHalves(order, { from: ranks, to: nextRanks }, sorted);
    [ranks, nextRanks] = [nextRanks, ranks];
  }
  return order;
}

/** Counting sort, stable. */
function sortByRank(
  from: Int32Array,
  to: Int32Array,
  { ranks, classes }: { readonly ranks: Int32Array; readonly classes: number },
): void {
  const ends = new Int32Array(classes + 1);
  for (let i = 0; i < ranks.length; i++) ends[ranks[i] + 1]++;
  for (let c = 1; c <= classes; c++) ends[c] += ends[c - 1];
  for (let i = 0; i < from.length; i++) to[ends[ranks[from[i]]]++] = from[i];
}

/** Positions in the order of what follows them at a distance; what is beyond the end comes first. */
function orderBySecondHalf(order: Int32Array, into: Int32Array, distance: number): void {
  const { length } = order;
  let at = 0;
  for (let i = Math.max(0, length - distance); i < length; i++) into[at++] = i;
  for (let i = 0; i < length; i++) if (order[i] >= distance) into[at++] = order[i] - distance;
}

function rank(
  order: Int32Array,
  into: Int32Array,
  isSame: (a: number, b: number) => boolean,
): number {
  let classes = 0;
  for (let i = 0; i < order.length; i++) {
    if (i > 0 && !isSame(order[i - 1], order[i])) classes++;
    into[order[i]] = classes;
  }
  return order.length === 0 ? 0 : classes + 1;
}

function rankHalves(
  order: Int32Array,
  { from, to }: { readonly from: Int32Array; readonly to: Int32Array },
  distance: number,
): number {
  const { length } = order;
  const second = (i: number) => (i + distance < length ? from[i + distance] : -1);
  return rank(order, to, (a, b) => from[a] === from[b] && second(a) === second(b));
}
