import type { Vocabulary } from "../vocabulary.ts";
import { type PieceTree, plantPieces } from "./piece-tree.ts";

/**
 * All pieces of a vocabulary by their UTF-16 units, as a double array: the child of the node in cell `n` by a unit
 * is in cell `base(n) + code(unit)`, if that cell says that it belongs to `n`.
 *
 * A cell is four integers and a double side by side, so that a step and what it finds mostly cost one cache line:
 * with a line each for node, id and score, large vocabularies are a third slower.
 */
export interface PieceTrie {
  /** Of each unit; 0 for those that no piece has, which lead to no child. */
  readonly codes: Uint16Array;
  /** {@link CELL_INTEGERS} for each cell: the base (0 without children), the parent's cell, a piece's id or −1. */
  readonly cells: Int32Array;
  /** The same memory: the score of cell `n` is at `n` · {@link CELL_DOUBLES} + {@link SCORE}. */
  readonly doubles: Float64Array;
}

export const CELL_INTEGERS = 6;
export const CELL_DOUBLES = 3;
export const PARENT = 1;
export const ID = 2;
export const SCORE = 2;

/** Of pieces that are equal the last counts; the empty piece does not. */
export function createPieceTrie(vocabulary: Vocabulary, scores: Float64Array): PieceTrie {
  const tree = plantPieces(vocabulary);
  const { bases, cells, size } = placeNodes(tree);
  const doubles = new Float64Array(size * CELL_DOUBLES);
  const integers = new Int32Array(doubles.buffer);
  for (let cell = 0; cell < size; cell++) {
    integers[cell * CELL_INTEGERS + PARENT] = -1;
    integers[cell * CELL_INTEGERS + ID] = -1;
  }
  for (let node = 0; node < tree.size; node++) {
    const at = cells[node] * CELL_INTEGERS;
    const id = tree.ids[node];
    integers[at] = bases[node];
    if (node > 0) integers[at + PARENT] = cells[tree.parents[node]];
    integers[at + ID] = id;
    if (id >= 0) doubles[cells[node] * CELL_DOUBLES + SCORE] = scores[id];
  }
  return { codes: tree.codes, cells: integers, doubles };
}

interface Placement {
  /** By node: what the codes of its children are added to, 0 for none. */
  readonly bases: Int32Array;
  /** By node; the root is in cell 0. */
  readonly cells: Int32Array;
  /** How many cells there are; no code leads beyond them. */
  readonly size: number;
}

/** Nodes with many children come first, while there is room; those with one child fill the holes. */
function placeNodes(tree: PieceTree): Placement {
  const { size, firstChild } = tree;
  const cells = new CellAllocator(tree);
  const many: number[] = [];
  const countOf = (node: number) => firstChild[node + 1] - firstChild[node];
  for (let node = 0; node < size; node++) if (countOf(node) > 1) many.push(node);
  many.sort((a, b) => countOf(b) - countOf(a) || a - b);
  for (const node of many) cells.placeChildren(node);
  cells.returnToBegin();
  for (let node = 0; node < size; node++) if (countOf(node) === 1) cells.placeChildren(node);
  return { bases: cells.bases, cells: cells.cells, size: cells.end };
}

/** After so many free cells in vain, the search for the next node's children begins further on. */
const PATIENCE = 16;

class CellAllocator {
  readonly bases: Int32Array;
  readonly cells: Int32Array;
  readonly #tree: PieceTree;
  /** Cells before it stay for codes that lead nowhere; no base is under 1. */
  readonly #begin: number;
  #isUsed: Uint8Array;
  #cursor: number;
  #highest = 0;

  constructor(tree: PieceTree) {
    this.bases = new Int32Array(tree.size);
    this.cells = new Int32Array(tree.size);
    this.#tree = tree;
    this.#begin = tree.highestCode + 1;
    this.#cursor = this.#begin;
    this.#isUsed = new Uint8Array(tree.size + 4 * this.#begin);
  }

  get end(): number {
    return this.#highest + this.#begin;
  }

  returnToBegin(): void {
    this.#cursor = this.#begin;
  }

  placeChildren(node: number): void {
    const { nodeCodes, firstChild, children } = this.#tree;
    this.#reserve();
    const base = this.#findBase(node);
    this.bases[node] = base;
    for (let i = firstChild[node]; i < firstChild[node + 1]; i++) {
      const cell = base + nodeCodes[children[i]];
      this.#isUsed[cell] = 1;
      this.cells[children[i]] = cell;
      if (cell > this.#highest) this.#highest = cell;
    }
  }

  #findBase(node: number): number {
    const { nodeCodes, firstChild, children } = this.#tree;
    const isUsed = this.#isUsed;
    const first = firstChild[node];
    const last = firstChild[node + 1];
    const code = nodeCodes[children[first]];
    for (let at = this.#cursor, tries = 0; ; at++) {
      if (isUsed[at] === 1) continue;
      let next = first + 1;
      while (next < last && isUsed[at - code + nodeCodes[children[next]]] === 0) next++;
      tries++;
      if (next < last) continue;
      if (tries > PATIENCE || last - first === 1) this.#cursor = at;
      return at - code;
    }
  }

  /** Room for children anywhere up to one alphabet beyond the highest cell: there they fit surely. */
  #reserve(): void {
    const needed = Math.max(this.#highest, this.#begin) + 3 * this.#begin;
    if (needed <= this.#isUsed.length) return;
    const extended = new Uint8Array(Math.max(needed, 2 * this.#isUsed.length));
    extended.set(this.#isUsed);
    this.#isUsed = extended;
  }
}
