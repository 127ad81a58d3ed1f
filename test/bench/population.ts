import { openStore } from "../../core/storage/open.ts";
import type { Change } from "../../core/storage/store.ts";

const AT_ONCE = 500;

/**
 * Puts so many channels into a new database, each with the same people, who were in them for long: `u0`, `u1` … of
 * shakespeare.example, in channels `c0`, `c1` …
 */
export async function populate(file: string, channels: number, each: number): Promise<void> {
  const store = await openStore(`sqlite:${file}`);
  for (let first = 0; first < channels; first += AT_ONCE) {
    const names = Array.from({ length: Math.min(AT_ONCE, channels - first) }, (_, i) => `c${first + i}`);
    await Promise.all(
      names.map(async (name) => {
        const key = await store.create({ name, created: CREATED, listed: true, state: channelState() });
        await store.put(Array.from({ length: each }, (_, n) => participant(key as number, n)));
      }),
    );
  }
  await store.close();
}

const CREATED = Date.UTC(1606, 7, 7);

function channelState(): string {
  const id = new Date(CREATED).toISOString();
  const owner = "u0@shakespeare.example";
  const config = { id, values: { "JID Visibility": ["jid-hidden"] }, by: owner };
  const creator = { jid: owner, generation: 1 };
  const state = { owners: [owner], creator, requires: ["visibility"], info: { id, values: {} }, config };
  return JSON.stringify({ ...state, absent: [], traits: {} });
}

function participant(channel: number, n: number): Change {
  const nodes = ["urn:xmpp:mix:nodes:messages", "urn:xmpp:mix:nodes:participants", "urn:xmpp:mix:nodes:info"];
  const state = { nick: `hag ${n}`, generation: 1, nodes, delivery: { mode: "bare", full: [] } };
  const id = `${channel.toString(36)}x${n.toString(36)}`.padStart(16, "0");
  const jid = `u${n}@shakespeare.example`;
  return { put: "participant", participant: { channel, id, jid, here: true, state: JSON.stringify(state) } };
}
