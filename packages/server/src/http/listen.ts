import { createServer, IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener, type Http2Bindings, type HttpBindings } from "@hono/node-server";
import { bodyComesFrom } from "./body.ts";

export interface ListenOptions {
  /** Default "127.0.0.1". */
  readonly host?: string | undefined;
  /** 0 takes any free port. Default 8080. */
  readonly port?: number | undefined;
  /** A client that neither sends nor takes anything for so long is cut off, in milliseconds. Default: 5 minutes. */
  readonly stallMs?: number | undefined;
}

export interface Listening {
  /** `http://host:port` */
  readonly url: string;
  /** Stops accepting, lets requests under way finish for a while, then cuts them off. */
  close(): Promise<void>;
}

/** How long requests under way may take once the server closes, in milliseconds. */
const CLOSE_GRACE_MS = 10_000;

const STALL_MS = 5 * 60_000;

/** Answers requests that come over HTTP with `fetch`. */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { host = "127.0.0.1", port = 8080, stallMs = STALL_MS }: ListenOptions = {},
): Promise<Listening> {
  const answer = (request: Request, { incoming }: HttpBindings | Http2Bindings) => {
    if (incoming instanceof IncomingMessage) bodyComesFrom(request, incoming);
    return fetch(request);
  };
  const handle = getRequestListener(answer, { overrideGlobalObjects: false });
  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 65_000 }, handle);
  // An upload takes as long as it takes; only its headers must come soon.
  server.requestTimeout = 0;
  server.headersTimeout = 60_000;
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  });
  const connections = trackConnections(server);
  cutOffStalled(server, stallMs);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  let closed: Promise<void> | undefined;
  return {
    url: addressOf(server),
    close() {
      closed ??= closeServer(server, connections);
      return closed;
    },
  };
}

interface Connections {
  /** Ends those without a request now, and every other one after its request. */
  endIdle(): void;
}

/** Node's own idea of an idle connection leaves out those that never sent anything, as browsers keep them ready. */
function trackConnections(server: Server): Connections {
  const requests = new Map<Socket, number>();
  let ending = false;
  const release = (socket: Socket): void => {
    if (ending && requests.get(socket) === 0) socket.destroy();
  };
  server.on("connection", (socket) => {
    requests.set(socket, 0);
    socket.once("close", () => requests.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    requests.set(socket, (requests.get(socket) ?? 0) + 1);
    response.once("close", () => {
      requests.set(socket, (requests.get(socket) ?? 1) - 1);
      release(socket);
      if (socket.destroyed) requests.delete(socket);
    });
  });
  return {
    endIdle() {
      ending = true;
      for (const socket of requests.keys()) release(socket);
    },
  };
}

/**
 * Ends connections whose client holds a request up, and with them the files and processes that serve it. A server
 * that takes its time for an answer is another matter.
 */
function cutOffStalled(server: Server, stallMs: number): void {
  const requests = new Map<Socket, { request: IncomingMessage; response: ServerResponse }>();
  server.on("request", (request, response) => {
    const { socket } = request;
    requests.set(socket, { request, response });
    response.once("close", () => {
      if (requests.get(socket)?.response === response) requests.delete(socket);
    });
  });
  server.setTimeout(stallMs, (socket) => {
    const { request, response } = requests.get(socket) ?? {};
    const sendsNothing = request?.complete === false && request.readableLength === 0;
    const takesNothing = response !== undefined && socket.writableLength > 0;
    if (!request || sendsNothing || takesNothing) socket.destroy();
    else socket.setTimeout(stallMs);
  });
}

async function closeServer(server: Server, connections: Connections): Promise<void> {
  const cutOff = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    connections.endIdle();
  });
  clearTimeout(cutOff);
}

function addressOf(server: Server): string {
  // A TCP server that listens has this kind of address.
  const { address, port, family } = server.address() as AddressInfo;
  const isAny = address === "::" || address === "0.0.0.0";
  const host = isAny ? "localhost" : family === "IPv6" ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
