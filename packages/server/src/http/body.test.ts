import { describe, expect, it } from "vitest";
import { bodyLines, readText } from "./body.ts";

function request(chunks: readonly (string | Uint8Array)[]): Request {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
      }
      controller.close();
    },
  });
  return new Request("http://hub.test", { method: "POST", body, duplex: "half" } as RequestInit);
}

async function lines(chunks: readonly (string | Uint8Array)[], maxLineBytes = 100) {
  const found: string[] = [];
  for await (const line of bodyLines(request(chunks), { maxBytes: 1000, maxLineBytes })) {
    found.push(`${line.number} ${line.text}`);
  }
  return found;
}

describe("bodyLines()", () => {
  it("numbers lines over chunk borders, skips empty ones, needs no last line end", async () => {
    expect(await lines(["a\nb", "c", "\r\n\n", "d\ne"])).toEqual(["1 a", "2 bc", "4 d", "5 e"]);
    expect(await lines([])).toEqual([]);
  });

  it("keeps characters whole that chunks cut in two", async () => {
    const bytes = new TextEncoder().encode("ü\n");
    expect(await lines([bytes.subarray(0, 1), bytes.subarray(1)])).toEqual(["1 ü"]);
  });

  it("refuses a line that is too long, before it ends", async () => {
    await expect(lines(["ok\n", "x".repeat(60), "x".repeat(60)])).rejects.toMatchObject({
      status: 413,
      message: expect.stringContaining("Line 2"),
    });
  });

  it("refuses a body that is too long", async () => {
    await expect(
      lines(Array.from({ length: 40 }, () => `${"x".repeat(50)}\n`)),
    ).rejects.toMatchObject({ status: 413 });
  });

  it("names the line that is not UTF-8", async () => {
    await expect(lines(["ok\n", new Uint8Array([0xff, 10])])).rejects.toThrow("Line 2");
  });
});

describe("readText()", () => {
  it("refuses by the announced length, without reading", async () => {
    const huge = new Request("http://hub.test", {
      method: "POST",
      body: "x",
      headers: { "content-length": "5000" },
    });
    await expect(readText(huge, 1000)).rejects.toMatchObject({ status: 413 });
  });
});
