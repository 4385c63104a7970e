import { expect, test } from "vitest";
import { alignedBytes } from "./buffer.ts";
import { NativeLibraryError } from "./errors.ts";
import { openLibrary } from "./library.ts";

// Every Linux has the C library; the calls are the same on other systems under other file names.
const onLinux = test.runIf(process.platform === "linux");

onLinux("openLibrary() calls a function plainly and on a worker thread", async () => {
  const libm = await openLibrary("libm.so.6");
  const cos = libm.function("cos", { result: "float64", parameters: ["float64"] });
  expect(cos(0)).toBe(1);
  expect(await cos.async(Math.PI)).toBe(-1);
});

onLinux("NativeFunction.async() leaves the event loop free", async () => {
  const libc = await openLibrary("libc.so.6");
  const usleep = libc.function("usleep", { result: "int32", parameters: ["uint32"] });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  await usleep.async(100_000);
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(5);
});

onLinux("openLibrary() shares one handle per path, which outlives garbage collection", async () => {
  const first = await openLibrary("libc.so.6");
  expect(await openLibrary("libc.so.6")).toBe(first);
});

onLinux("addressOf() names memory that native code writes in place, however small", async () => {
  const libc = await openLibrary("libc.so.6");
  const memset = libc.function("memset", {
    result: "pointer",
    parameters: ["pointer", "int32", "uint64"],
  });
  for (const size of [1, 8, 64, 4096]) {
    const bytes = new Uint8Array(size);
    const address = libc.addressOf(bytes);
    expect(memset(address, 7, size)).toBe(address);
    expect(bytes.every((byte) => byte === 7)).toBe(true);
    expect(new Uint8Array(libc.viewMemory(address, size))).toEqual(bytes);
  }
});

onLinux("a null pointer comes back as 0", async () => {
  const libc = await openLibrary("libc.so.6");
  const getenv = libc.function("getenv", { result: "pointer", parameters: ["string"] });
  expect(getenv("BEARHUG_NO_SUCH_VARIABLE")).toBe(0n);
  const path = getenv("PATH");
  expect(libc.readString(path as bigint)).toBe(process.env["PATH"]);
});

onLinux("alignedBytes() begins at a multiple of 64 and holds zeros", async () => {
  const libc = await openLibrary("libc.so.6");
  for (const size of [0, 1, 100, 4096]) {
    const bytes = alignedBytes(libc, size);
    expect(bytes.length).toBe(size);
    if (size > 0) expect(libc.addressOf(bytes) % 64n).toBe(0n);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  }
});

test("openLibrary() names the file that does not load", async () => {
  const path = "/no/such/library.so";
  const opening = openLibrary(path);
  await expect(opening).rejects.toThrow(NativeLibraryError);
  await expect(opening).rejects.toMatchObject({ code: "NATIVE_LIBRARY_UNUSABLE", path });
});

onLinux("NativeLibrary.function() names the function that is missing", async () => {
  const libc = await openLibrary("libc.so.6");
  const signature = { result: "void", parameters: [] } as const;
  expect(() => libc.function("no_such_function", signature)).toThrow(/"no_such_function"/);
});
