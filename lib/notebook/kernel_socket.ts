import { type Dealer, Subscriber } from "zeromq";

/** Messages that wait here to be read; behind them the kernel waits. */
const WAITING_MESSAGES = 200;

/** How often a socket is asked for messages. */
const ASK_MS = 4;

/** How a socket to a kernel is made. */
export const SOCKET = { linger: 0, reconnectInterval: 10 };

/** Listens to what a kernel puts out on a port of 127.0.0.1. */
export function subscriberOf(port: number): Subscriber {
  const socket = new Subscriber({ ...SOCKET, receiveHighWaterMark: WAITING_MESSAGES });
  socket.subscribe("");
  socket.connect(`tcp://127.0.0.1:${port}`);
  return socket;
}

/**
 * The messages of a socket until it is closed. It is asked over and over, since wake-ups can't be
 * relied on under Deno: one in about five hundred never comes, and what is there then waits for the
 * next message.
 */
export async function* framesOf(socket: Dealer | Subscriber): AsyncGenerator<Uint8Array[]> {
  while (!socket.closed) {
    if (socket.readable) yield await socket.receive();
    else await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
}
