import { TokenizerFormatError } from "../errors.ts";

/** A field of a message as it stands in the file; what it means depends on its number. */
export type ProtobufField =
  | {
      readonly number: number;
      readonly wire: "varint" | "fixed32" | "fixed64";
      readonly value: number;
    }
  | { readonly number: number; readonly wire: "bytes"; readonly value: Uint8Array };

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads the fields of a protobuf message one after the other, within its bytes. Integers beyond 2^53 lose digits.
 *
 * @throws {TokenizerFormatError} naming `path` where the message is cut off or is none.
 */
export function* readFields(bytes: Uint8Array, path: string): Generator<ProtobufField> {
  const reader = new Reader(bytes, path);
  while (!reader.isAtEnd) {
    const tag = reader.varint();
    const number = Math.floor(tag / 8);
    if (number <= 0) throw new TokenizerFormatError(`${path} is not a protobuf message`);
    switch (tag % 8) {
      case 0:
        yield { number, wire: "varint", value: reader.varint() };
        break;
      case 1:
        yield { number, wire: "fixed64", value: Number(reader.fixed(8).getBigUint64(0, true)) };
        break;
      case 2:
        yield { number, wire: "bytes", value: reader.take(reader.varint()) };
        break;
      case 5:
        yield { number, wire: "fixed32", value: reader.fixed(4).getUint32(0, true) };
        break;
      default:
        throw new TokenizerFormatError(`${path} is not a protobuf message`);
    }
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #path: string;
  #at = 0;

  constructor(bytes: Uint8Array, path: string) {
    this.#bytes = bytes;
    this.#path = path;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Ten bytes are a negative number, of which the low 32 bits count. */
  varint(): number {
    let value = 0;
    let low = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (i < 5) low |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return i < 9 ? value : low;
    }
    throw new TokenizerFormatError(`${this.#path} is cut off, or is not a protobuf message`);
  }

  take(length: number): Uint8Array {
    const start = this.#at;
    if (length < 0 || length > this.#bytes.length - start) {
      throw new TokenizerFormatError(
        `${this.#path} is cut off: it needs ${length} bytes and has ${this.#bytes.length - start}`,
      );
    }
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  fixed(length: number): DataView {
    const bytes = this.take(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }
}

export function asBytes(field: ProtobufField, path: string): Uint8Array {
  if (field.wire === "bytes") return field.value;
  throw new TokenizerFormatError(`${path} must be bytes, got a ${field.wire}`);
}

/** Bytes that are no UTF-8 become U+FFFD. */
export function asText(field: ProtobufField, path: string): string {
  return decoder.decode(asBytes(field, path));
}

/** An int32 or enum. */
export function asInteger(field: ProtobufField, path: string): number {
  if (field.wire === "varint") return field.value;
  throw new TokenizerFormatError(`${path} must be an integer, got ${field.wire}`);
}

export function asFlag(field: ProtobufField, path: string): boolean {
  return asInteger(field, path) !== 0;
}

export function asFloat(field: ProtobufField, path: string): number {
  if (field.wire !== "fixed32") {
    throw new TokenizerFormatError(`${path} must be a float, got ${field.wire}`);
  }
  scratch.setUint32(0, field.value);
  return scratch.getFloat32(0);
}

const scratch = new DataView(new ArrayBuffer(4));
