// Stands in for `node:fs` inside a page: test files read their fixtures from the server that the page came from.

function request(url: URL | string, method: "GET" | "HEAD"): XMLHttpRequest {
  const sent = new XMLHttpRequest();
  sent.open(method, String(url), false);
  sent.overrideMimeType("text/plain; charset=utf-8");
  sent.send();
  return sent;
}

export function existsSync(url: URL | string): boolean {
  return request(url, "HEAD").status === 200;
}

export function readFileSync(url: URL | string, encoding: "utf8"): string {
  if (encoding !== "utf8") throw new Error("pages read text");
  const { status, responseText } = request(url, "GET");
  if (status !== 200) throw new Error(`${url}: status ${status}`);
  return responseText;
}
