import { createHash, randomBytes, randomInt } from "node:crypto";

const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Letters and digits that nobody can guess: almost 6 bits each. */
export function randomText(length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) text += LETTERS_AND_DIGITS.charAt(randomInt(62));
  return text;
}

/** An access token as clients know them. */
export function newAccessToken(): string {
  return `hf_${randomText(37)}`;
}

/** How a token or session is stored: it cannot be read back. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Id of a record: 24 hexadecimal digits. */
export function newRecordId(): string {
  return randomBytes(12).toString("hex");
}
