/** Git's framing: four hexadecimal digits of length, then the bytes. Source: Git's `gitprotocol-common`. */

/** Most bytes of one packet, its length included. */
export const MAX_PACKET_BYTES = 65_520;
export const FLUSH: Uint8Array = Buffer.from("0000");

export function packet(data: string | Uint8Array): Uint8Array {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  const length = (bytes.length + 4).toString(16).padStart(4, "0");
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** `data` as packets of one side-band: 1 the report, 2 progress, 3 a fatal error. */
export function sideBand(band: 1 | 2 | 3, data: string | Uint8Array): Uint8Array {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  const parts: Uint8Array[] = [];
  const room = MAX_PACKET_BYTES - 5;
  for (let at = 0; at < Math.max(1, bytes.length); at += room) {
    parts.push(packet(Buffer.concat([Buffer.of(band), bytes.subarray(at, at + room)])));
  }
  return Buffer.concat(parts);
}

/** Reads packets off the front of a stream; what follows them is left. */
export class PacketReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  /** The next packet's bytes; `"flush"` for a flush packet, `"end"` when the stream is over. @throws {SyntaxError} */
  async packet(): Promise<Buffer | "flush" | "end"> {
    if (!(await this.#fill(4))) {
      if (this.#rest.length > 0)
        throw new SyntaxError("The request ends in the middle of a packet");
      return "end";
    }
    const text = this.#rest.toString("latin1", 0, 4);
    const length = /^[0-9a-fA-F]{4}$/.test(text) ? Number.parseInt(text, 16) : -1;
    if (length === 0) {
      this.#rest = this.#rest.subarray(4);
      return "flush";
    }
    if (length < 4 || length > MAX_PACKET_BYTES) {
      throw new SyntaxError(`${JSON.stringify(text)} is not the length of a packet`);
    }
    if (!(await this.#fill(length))) {
      throw new SyntaxError("The request ends in the middle of a packet");
    }
    const data = this.#rest.subarray(4, length);
    this.#rest = this.#rest.subarray(length);
    return data;
  }

  /** Looks at bytes ahead without taking them; fewer when the stream is over. */
  async peek(length: number): Promise<Buffer> {
    await this.#fill(length);
    return this.#rest.subarray(0, length);
  }

  /** All that is left. */
  async *remaining(): AsyncGenerator<Uint8Array, void> {
    if (this.#rest.length > 0) yield this.#rest;
    this.#rest = Buffer.alloc(0);
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done) return;
      yield value;
    }
  }

  async #fill(length: number): Promise<boolean> {
    while (this.#rest.length < length) {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      this.#rest = Buffer.concat([this.#rest, value]);
    }
    return true;
  }
}
