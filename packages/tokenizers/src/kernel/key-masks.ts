/** What of a key's eight integers belongs to a chunk of 0 to 16 units; two units an integer. */
export function createKeyMasks(): Int32Array {
  const masks = new Int32Array(17 * 8);
  for (let length = 0; length <= 16; length++) {
    for (let i = 0; i < 8; i++) {
      const kept = length - 2 * i;
      masks[length * 8 + i] = kept >= 2 ? -1 : kept === 1 ? 0xffff : 0;
    }
  }
  return masks;
}
