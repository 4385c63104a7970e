/** @throws {TypeError} when a path from outside could lead out of its folder. */
export function checkRelative(path: string, what: string): void {
  const bad = path.split("/").some((part) => part === "" || part === "." || part === "..");
  if (bad || /[\\\0]/.test(path) || /^[a-zA-Z]:/.test(path)) {
    throw new TypeError(`${what} must be relative and without "..", got ${JSON.stringify(path)}`);
  }
}
