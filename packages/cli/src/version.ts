/** Kept equal to package.json by main.test.ts. */
export function version(): string {
  return "0.1.0";
}
