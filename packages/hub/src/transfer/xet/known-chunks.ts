/** What an upload knows to be stored, or about to be: chunk → place in a xorb. */

import { toHex } from "@bearhug/core";
import { keyedHash, type Shard } from "@bearhug/xet";

/** A xorb; its hash is not known before it is full. */
export interface XorbRef {
  hash: string | undefined;
}

export interface Place {
  readonly xorb: XorbRef;
  readonly index: number;
}

/** Entries of one generation: about 150 bytes each, 16 GB of content. */
const GENERATION = 250_000;

/** The newest places by chunk hash; old ones are forgotten, which costs space in the storage but not memory here. */
class Generations {
  #young = new Map<string, Place>();
  #old = new Map<string, Place>();

  get(hash: string): Place | undefined {
    return this.#young.get(hash) ?? this.#old.get(hash);
  }

  set(hash: string, place: Place): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(hash, place);
  }
}

export class KnownChunks {
  readonly #own = new Generations();
  /** What the storage told, under each key that it used. */
  readonly #told = new Map<
    string,
    { readonly key: Uint8Array | undefined; readonly places: Generations }
  >();
  readonly #refs = new Map<string, XorbRef>();

  find(hash: string): Place | undefined {
    const own = this.#own.get(hash);
    if (own) return own;
    for (const { key, places } of this.#told.values()) {
      const place = places.get(key ? keyedHash(key, hash) : hash);
      if (place) return place;
    }
    return undefined;
  }

  add(hash: string, place: Place): void {
    this.#own.set(hash, place);
  }

  /** Learns from the answer to a deduplication query. */
  learn(shard: Shard): void {
    const key = shard.footer?.key;
    const name = key ? toHex(key) : "";
    const told = this.#told.get(name) ?? { key, places: new Generations() };
    this.#told.set(name, told);
    for (const { hash, chunks } of shard.xorbs()) {
      if (this.#refs.has(hash)) continue;
      const xorb: XorbRef = { hash };
      this.#refs.set(hash, xorb);
      chunks.forEach((chunk, index) => {
        told.places.set(chunk.hash, { xorb, index });
      });
    }
  }
}
