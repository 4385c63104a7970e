/** Writes a graph as ONNX protobuf. Nothing outside this folder knows the wire format. */
import { concatBytes, DTYPES } from "@bearhug/core";
import {
  IR_VERSION,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  OPSETS,
} from "./model.ts";

/**
 * Serializes a graph as a `ModelProto`.
 *
 * Source: ONNX 1.17, `onnx/onnx.proto`; the field numbers below are the format's.
 */
export function writeModel(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  return message([
    integer(1, IR_VERSION),
    text(2, "bearhug"),
    nested(7, writeGraph(graph)),
    ...OPSETS.map(({ domain, version }) =>
      nested(8, message([text(1, domain), integer(2, version)])),
    ),
  ]);
}

function writeGraph({ name, nodes, initializers, inputs, outputs }: OnnxGraph): Bytes {
  return message([
    ...nodes.map((node) => nested(1, writeNode(node))),
    text(2, name),
    ...initializers.map((tensor) => nested(5, writeTensor(tensor))),
    ...inputs.map((value) => nested(11, writeValue(value))),
    ...outputs.map((value) => nested(12, writeValue(value))),
  ]);
}

function writeNode({ type, domain, name, inputs, outputs, attributes }: OnnxNode): Bytes {
  return message([
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(3, name),
    text(4, type),
    ...attributes.map((attribute) => nested(5, writeAttribute(attribute))),
    text(7, domain),
  ]);
}

function writeAttribute(attribute: OnnxAttribute): Bytes {
  const name = text(1, attribute.name);
  switch (attribute.type) {
    case "float":
      return message([name, float(2, attribute.value), integer(20, 1)]);
    case "int":
      return message([name, integer(3, attribute.value), integer(20, 2)]);
    case "string":
      return message([name, text(4, attribute.value), integer(20, 3)]);
    case "floats":
      return message([name, ...attribute.value.map((value) => float(7, value)), integer(20, 6)]);
    case "ints":
      return message([name, ...attribute.value.map((value) => integer(8, value)), integer(20, 7)]);
  }
}

function writeTensor({ name, dtype, shape, data }: OnnxTensor): Bytes {
  const head = [
    ...shape.map((dim) => integer(1, dim)),
    integer(2, DTYPES[dtype].onnx),
    text(8, name),
  ];
  if (data instanceof Uint8Array) return message([...head, nested(9, data)]);
  const external = {
    location: data.location,
    offset: String(data.offset),
    length: String(data.sizeBytes),
  };
  const entries = Object.entries(external).map(([key, value]) =>
    nested(13, message([text(1, key), text(2, value)])),
  );
  const EXTERNAL = 1;
  return message([...head, ...entries, integer(14, EXTERNAL)]);
}

function writeValue({ name, dtype, shape }: OnnxValue): Bytes {
  const dims = shape.map((dim) =>
    nested(1, typeof dim === "number" ? integer(1, dim) : text(2, dim)),
  );
  const tensorType = message([integer(1, DTYPES[dtype].onnx), nested(2, message(dims))]);
  return message([text(1, name), nested(2, nested(1, tensorType))]);
}

type Bytes = Uint8Array<ArrayBuffer>;

// Wire types of protobuf: 0 a variable-length integer, 2 a length and that many bytes, 5 four bytes.

function message(fields: readonly Uint8Array[]): Bytes {
  return concatBytes(fields);
}

function integer(field: number, value: number): Bytes {
  return Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

function float(field: number, value: number): Bytes {
  const four = new Uint8Array(4);
  new DataView(four.buffer).setFloat32(0, value, true);
  return Uint8Array.from([...varint(field * 8 + 5), ...four]);
}

function text(field: number, value: string): Bytes {
  return nested(field, new TextEncoder().encode(value));
}

function nested(field: number, bytes: Uint8Array): Bytes {
  return concatBytes([Uint8Array.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes]);
}

/** Base-128, least significant group first; a negative number as its 64-bit two's complement. */
function varint(value: number): number[] {
  const groups: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    groups.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  groups.push(Number(rest));
  return groups;
}
