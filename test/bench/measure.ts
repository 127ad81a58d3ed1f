import type { Socket } from "node:net";
import { Crowd } from "./crowd.ts";
import { Server } from "./server.ts";
import { Subject, type SubjectName } from "./subject.ts";

/** How much is said. */
export interface Scale {
  /** Before anything is measured, and then as fast as possible. */
  readonly warmUp: number;
  readonly flood: number;
  /** At a steady rate, and how many a second. */
  readonly drizzle: number;
  readonly rate: number;
}

export const FIGURES = {
  deliveries: "deliveries/s",
  cpu: "CPU µs each",
  p50: "p50 ms",
  p99: "p99 ms",
  memory: "peak MiB",
  joins: "joins/s",
} as const;

export type Figures = Readonly<Record<keyof typeof FIGURES, number>>;

/**
 * Starts a component, lets a crowd of this size into it, and measures.
 * @param hear sees every byte that the component sends
 * @throws when one participant misses a message or gets one twice
 */
export async function measure(
  name: SubjectName,
  size: number,
  scale: Scale,
  hear: (data: Buffer) => void = () => {},
): Promise<Figures> {
  const server = new Server();
  const connected = server.component();
  const subject = new Subject(name, await server.listen());
  try {
    return await Promise.race([connected.then((socket) => run(subject, socket, size, scale, hear)), subject.ended()]);
  } finally {
    await subject.stop();
    server.close();
  }
}

async function run(
  subject: Subject,
  socket: Socket,
  size: number,
  scale: Scale,
  hear: (data: Buffer) => void,
): Promise<Figures> {
  // Its end breaks whatever is waited for, and says more than a reset stream.
  socket.on("error", () => {}).on("data", hear);
  const crowd = new Crowd(socket, size);
  const joins = await crowd.join();
  await crowd.flood(scale.warmUp);
  const before = subject.cpu();
  const deliveries = await crowd.flood(scale.flood);
  const cpu = ((subject.cpu() - before) * 1e6) / (scale.flood * size);
  const times = await crowd.drizzle(scale.drizzle, scale.rate);
  const percentile = (part: number) => times[Math.floor(part * (times.length - 1))] as number;
  return { deliveries, cpu, p50: percentile(0.5), p99: percentile(0.99), memory: subject.memory(), joins };
}
