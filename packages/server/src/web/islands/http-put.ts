/** PUT with upload progress, which `fetch` cannot tell. Gives the answer's ETag. */
export function putPart(part: {
  readonly href: string;
  readonly body: Blob;
  readonly headers: Readonly<Record<string, string>>;
  readonly onFraction: (fraction: number) => void;
}): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", onThisHost(part.href));
    for (const [name, value] of Object.entries(part.headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) part.onFraction(event.loaded / Math.max(1, event.total));
    });
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(request.getResponseHeader("ETag") ?? "");
      } else {
        reject(new Error(`The upload was refused with status ${request.status}.`));
      }
    });
    request.addEventListener("error", () => reject(new Error("The connection broke off.")));
    request.send(part.body);
  });
}

/** Behind a proxy the server may name another host than the browser's: the page's own is always right. */
export function onThisHost(href: string): string {
  const url = new URL(href, location.href);
  return url.pathname + url.search;
}
