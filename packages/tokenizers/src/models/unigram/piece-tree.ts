import type { Vocabulary } from "../vocabulary.ts";

/** Pieces by their UTF-16 units, as a tree whose node 0 is the root. A parent has a lower number than its children. */
export interface PieceTree {
  /** Of each unit: 1 for the most frequent, 0 for those that no piece has. */
  readonly codes: Uint16Array;
  readonly highestCode: number;
  /** How many nodes there are. */
  readonly size: number;
  /** By node, as are the next two. */
  readonly parents: Int32Array;
  readonly nodeCodes: Uint16Array;
  /** Id of the piece that ends there, −1 for none; of pieces that are equal the last. */
  readonly ids: Int32Array;
  /** Children of node `n` are `children[firstChild[n]]` up to `children[firstChild[n + 1]]`, without that one. */
  readonly children: Int32Array;
  readonly firstChild: Int32Array;
}

export function plantPieces(vocabulary: Vocabulary): PieceTree {
  const pieces = readUnits(vocabulary);
  const { codes, highestCode } = rankUnits(pieces.units);
  const nodes = new NodeTable(pieces.units.length);
  for (let id = 0; id < vocabulary.size; id++) {
    let node = 0;
    for (let at = pieces.starts[id]; at < pieces.starts[id + 1]; at++) {
      node = nodes.child(node, codes[pieces.units[at]]);
    }
    nodes.ids[node] = id;
  }
  nodes.ids[0] = -1; // an empty piece is never found
  const { size, parents, ids } = nodes;
  return {
    codes,
    highestCode,
    size,
    parents,
    nodeCodes: nodes.codes,
    ids,
    ...groupByParent(parents, size),
  };
}

interface PieceUnits {
  readonly units: Uint16Array;
  /** By id; the end of the last one too. */
  readonly starts: Int32Array;
}

function readUnits(vocabulary: Vocabulary): PieceUnits {
  const { size } = vocabulary;
  let bytes = 0;
  let longest = 0;
  for (let id = 0; id < size; id++) {
    const length = vocabulary.byteLength(id);
    bytes += length;
    if (length > longest) longest = length;
  }
  const piece = new Uint8Array(longest);
  const units = new Uint16Array(bytes); // never more units than bytes
  const starts = new Int32Array(size + 1);
  let at = 0;
  for (let id = 0; id < size; id++) {
    const length = vocabulary.copyBytes(id, piece, 0);
    at = decodeUnits(piece, length, { units, at });
    starts[id + 1] = at;
  }
  return { units: units.subarray(0, at), starts };
}

/** Well-formed UTF-8 to UTF-16; gives where the units end. */
export function decodeUnits(
  bytes: Uint8Array,
  length: number,
  target: { readonly units: Uint16Array; readonly at: number },
): number {
  const { units } = target;
  let to = target.at;
  for (let i = 0; i < length; ) {
    const lead = bytes[i++];
    if (lead < 0x80) {
      units[to++] = lead;
    } else if (lead < 0xe0) {
      units[to++] = ((lead & 0x1f) << 6) | (bytes[i++] & 0x3f);
    } else if (lead < 0xf0) {
      units[to++] = ((lead & 0x0f) << 12) | ((bytes[i++] & 0x3f) << 6) | (bytes[i++] & 0x3f);
    } else {
      const high = ((lead & 0x07) << 18) | ((bytes[i++] & 0x3f) << 12);
      const point = high | ((bytes[i++] & 0x3f) << 6) | (bytes[i++] & 0x3f);
      units[to++] = 0xd800 + ((point - 0x10000) >> 10);
      units[to++] = 0xdc00 + (point & 0x3ff);
    }
  }
  return to;
}

/** Small codes for frequent units keep siblings close to each other. */
function rankUnits(units: Uint16Array): { codes: Uint16Array; highestCode: number } {
  const counts = new Int32Array(0x10000);
  for (let i = 0; i < units.length; i++) counts[units[i]]++;
  const codes = new Uint16Array(0x10000);
  const present = Array.from(counts.keys()).filter((unit) => counts[unit] > 0);
  present.sort((a, b) => counts[b] - counts[a] || a - b);
  present.forEach((unit, rank) => {
    codes[unit] = rank + 1;
  });
  return { codes, highestCode: present.length };
}

/** Nodes while the tree grows: an open-addressed table from (parent, code) to the child. */
class NodeTable {
  size = 1;
  readonly parents: Int32Array;
  readonly codes: Uint16Array;
  readonly ids: Int32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor(maxChildren: number) {
    this.parents = new Int32Array(maxChildren + 1);
    this.codes = new Uint16Array(maxChildren + 1);
    this.ids = new Int32Array(maxChildren + 1).fill(-1);
    let slots = 16;
    while (slots < maxChildren * 1.25) slots *= 2;
    this.#slots = new Int32Array(slots);
    this.#mask = slots - 1;
  }

  /** The child of `parent` by `code`; a new one when there is none. */
  child(parent: number, code: number): number {
    const { parents, codes } = this;
    const slots = this.#slots;
    const mask = this.#mask;
    let hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(code, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const node = slots[slot];
      if (node === 0) {
        const made = this.size++;
        slots[slot] = made;
        parents[made] = parent;
        codes[made] = code;
        return made;
      }
      if (parents[node] === parent && codes[node] === code) return node;
    }
  }
}

function groupByParent(
  parents: Int32Array,
  size: number,
): Pick<PieceTree, "children" | "firstChild"> {
  const firstChild = new Int32Array(size + 1);
  for (let node = 1; node < size; node++) firstChild[parents[node] + 1]++;
  for (let node = 0; node < size; node++) firstChild[node + 1] += firstChild[node];
  const next = firstChild.slice(0, size);
  const children = new Int32Array(size - 1);
  for (let node = 1; node < size; node++) children[next[parents[node]]++] = node;
  return { children, firstChild };
}
