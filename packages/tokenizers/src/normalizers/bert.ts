import { type AlignedText, mapCharacters } from "../aligned-text.ts";
import { normalize } from "../unicode/normal-forms.ts";
import { bertControl, isBertIdeograph, isWhitespace, nonspacingMarks } from "../unicode/set.ts";
import { toLowerCase } from "./text.ts";

export interface BertNormalizerFlags {
  readonly cleanText: boolean;
  readonly handleChineseChars: boolean;
  readonly stripAccents: boolean | undefined;
  readonly lowercase: boolean;
}

/** BERT's basic clean-up. Source: tokenizers 0.23, `normalizers/bert.rs`; equal on every code point. */
export function bertNormalize(text: AlignedText, flags: BertNormalizerFlags): AlignedText {
  let result = text;
  if (flags.cleanText) result = mapCharacters(result, clean);
  if (flags.handleChineseChars) result = mapCharacters(result, separateIdeograph);
  if (flags.stripAccents ?? flags.lowercase) {
    result = mapCharacters(normalize(result, "NFD"), dropAccent);
  }
  return flags.lowercase ? toLowerCase(result) : result;
}

/** Controls go first, so U+000B, U+000C and U+0085 vanish although they are white space. */
function clean(codePoint: number): string | undefined {
  if (codePoint >= 0x20 && codePoint < 0x7f) return undefined;
  if (codePoint === 9 || codePoint === 10 || codePoint === 13) return " ";
  if (codePoint === 0 || codePoint === 0xfffd || bertControl.has(codePoint)) return "";
  return isWhitespace(codePoint) ? " " : undefined;
}

function separateIdeograph(codePoint: number): string | undefined {
  if (codePoint < 0x3400 || !isBertIdeograph(codePoint)) return undefined;
  return ` ${String.fromCodePoint(codePoint)} `;
}

function dropAccent(codePoint: number): string | undefined {
  return codePoint >= 0x300 && nonspacingMarks.has(codePoint) ? "" : undefined;
}
