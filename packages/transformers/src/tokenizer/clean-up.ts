/** What WordPiece leaves between a word and its punctuation, and what English writes there. */
const SPACES: readonly (readonly [string, string])[] = [
  [" .", "."],
  [" ?", "?"],
  [" !", "!"],
  [" ,", ","],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

export function cleanUp(text: string): string {
  return SPACES.reduce((result, [from, to]) => result.replaceAll(from, to), text);
}
