import { Postgres } from "./core/storage/postgres.ts";

/** One PostgreSQL for the whole run: nothing is asked of it but to be quick. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await Postgres.start({ fsync: "off", full_page_writes: "off", max_connections: 400 });
  process.env.MASQUE_STORE = server.socket;
  return () => server.stop();
}
