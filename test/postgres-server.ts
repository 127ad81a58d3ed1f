import { isInstalled, Postgres } from "./core/storage/postgres.ts";

/** One PostgreSQL for the whole run: nothing is asked of it but to be quick. */
export default async function setup(): Promise<() => Promise<void>> {
  if (!isInstalled) throw new Error("PostgreSQL is not installed: npm run test:servers");
  const server = await Postgres.start({ fsync: "off", full_page_writes: "off", max_connections: 400 });
  process.env.MASQUE_STORE = server.socket;
  return () => server.stop();
}
