import type { AddedTokenMatch, AddedTokenMatcher } from "./added-tokens.ts";

/** What is done with the parts of a text. */
export interface PieceHandler {
  piece(start: number, end: number): void;
  token(match: AddedTokenMatch): void;
}

/** Added tokens of a text and what lies between them, in order. */
export function forEachPiece(
  text: string,
  matcher: AddedTokenMatcher,
  handler: PieceHandler,
): void {
  if (!matcher.mayMatch(text)) {
    if (text !== "") handler.piece(0, text.length);
    return;
  }
  let end = 0;
  for (const match of matcher.find(text)) {
    if (match.start > end) handler.piece(end, match.start);
    handler.token(match);
    end = match.end;
  }
  if (end < text.length) handler.piece(end, text.length);
}
