export { type Chunk, Chunker, MAX_CHUNK_BYTES, MIN_CHUNK_BYTES } from "./chunker.ts";
export { type CompressedChunk, compressChunk, SCHEMES, type Scheme } from "./compression.ts";
export { Lz4Error, ShardFormatError, XetHashMismatchError, XorbFormatError } from "./errors.ts";
export {
  chunkHash,
  EMPTY_HASH,
  fileHash,
  formatHash,
  HashTree,
  isDedupEligible,
  isHash,
  keyedHash,
  parseHash,
  type SizedHash,
  verificationHash,
  xorbHash,
} from "./hash.ts";
export { lz4Compress, lz4Decompress, MAX_LZ4_BYTES } from "./lz4.ts";
export { Sha256 } from "./sha256.ts";
export {
  MAX_SHARD_BYTES,
  Shard,
  type ShardContent,
  type ShardFile,
  type ShardFooter,
  type ShardXorb,
  serializeShard,
  shardBytesOf,
  type Term,
} from "./shard.ts";
export {
  CHUNK_HEADER_BYTES,
  type ChunkRecord,
  hashChunk,
  type IndexedChunk,
  MAX_SERIALIZED_XORB_BYTES,
  MAX_XORB_BYTES,
  MAX_XORB_CHUNKS,
  type RecordMemory,
  readChunk,
  reusedMemory,
  type Xorb,
  XorbBuilder,
  type XorbChunk,
  XorbReader,
  XorbVerifier,
} from "./xorb.ts";
