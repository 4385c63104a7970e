import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const OID_BYTES = 20;
/** Magic number, version, and how many ids begin with at most each byte. Source: Git's `gitformat-pack`. */
const FAN_OUT_AT = 8;
const IDS_AT = FAN_OUT_AT + 256 * 4;

/** Which objects a received pack holds, and which of them were met so far. 21 bytes an object. */
export class PackContents {
  readonly #index: Buffer;
  readonly #met: Uint8Array;

  constructor(index: Buffer) {
    this.#index = index;
    this.#met = new Uint8Array(index.readUInt32BE(IDS_AT - 4));
  }

  /** Reads the index of the only pack in `folder`; `undefined` when there is none. */
  static async read(folder: string): Promise<PackContents | undefined> {
    const names = await readdir(folder).catch(() => []);
    const name = names.find((item) => item.endsWith(".idx"));
    return name === undefined ? undefined : new PackContents(await readFile(join(folder, name)));
  }

  meet(oid: string): void {
    const at = this.#find(Buffer.from(oid, "hex"));
    if (at !== undefined) this.#met[at] = 1;
  }

  /** Objects that were not met. */
  *others(): Generator<string, void> {
    for (const [at, isMet] of this.#met.entries()) {
      if (isMet === 0) yield this.#id(at).toString("hex");
    }
  }

  #find(oid: Buffer): number | undefined {
    const first = oid[0]!;
    let low = first === 0 ? 0 : this.#index.readUInt32BE(FAN_OUT_AT + (first - 1) * 4);
    let high = this.#index.readUInt32BE(FAN_OUT_AT + first * 4);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.#id(middle).compare(oid);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  #id(at: number): Buffer {
    return this.#index.subarray(IDS_AT + at * OID_BYTES, IDS_AT + (at + 1) * OID_BYTES);
  }
}
