import { exported } from "../../../core/storage/moving/export.ts";
import { importFrom } from "../../../core/storage/moving/import.ts";
import { openToFill, openToRead } from "../../../core/storage/moving/open.ts";
import { openStore } from "../../../core/storage/open.ts";
import type { Store } from "../../../core/storage/store.ts";
import { NODE } from "../../../core/xmpp/ns.ts";

/** A store with something of everything in it, and something of most things forgotten. */
export async function laden(url: string): Promise<Store> {
  const store = await openStore(url);
  const create = (name: string) => store.create({ name, created: 1, listed: name !== "heath", state: "{}" });
  const [coven, heath, cave] = [await create("coven"), await create("heath"), await create("cave")] as [
    number,
    number,
    number,
  ];
  const participant = { channel: coven, id: "123456", jid: "hecate@shakespeare.example", here: true, state: "{}" };
  await store.put([
    { put: "participant", participant },
    {
      put: "participant",
      participant: { ...participant, id: "654321", jid: "hag66@shakespeare.example", here: false },
    },
    ...[30, 10, 20].map((at, i) => said(coven, `m${i}`, at)),
    said(heath, "a"),
    said(cave, "a"),
    {
      put: "item",
      item: { channel: coven, node: NODE.BANNED, id: "macbeth@x", payload: "☠ line\u2028paragraph\u2029" },
    },
    { put: "item", item: { channel: coven, node: NODE.BANNED, id: "banquo@x", payload: '"\\\n' } },
    { put: "item", item: { channel: coven, node: NODE.BANNED, id: "macbeth@x", payload: "💀" } },
    { put: "value", space: "presence/asked", key: "ß", value: "1" },
    { put: "value", space: "presence/asked", key: "z", value: '"é"' },
  ]);
  await store.put([
    { put: "expiry", channel: coven, node: NODE.MESSAGES, keep: 2 },
    // The highest key there was is nobody's now.
    { put: "no channel", key: cave },
  ]);
  return store;
}

export function said(channel: number, id: string, at = 1) {
  const message = { channel, node: NODE.MESSAGES, id, at, sender: "123456", nick: "hecate", shown: false };
  return { put: "message", message: { ...message, payload: `<body>${id}\u2028</body>` } } as const;
}

export async function exportOf(url: string): Promise<string> {
  const hold = await openToRead(url);
  try {
    let text = "";
    for await (const piece of exported(hold, () => {})) text += piece;
    return text;
  } finally {
    await hold.close();
  }
}

/** Imports a text in pieces of this size. */
export async function fill(url: string, text: string, size = 100): Promise<void> {
  const hold = await openToFill(url);
  try {
    await importFrom(inPieces(text, size), hold, () => {});
  } finally {
    await hold.close();
  }
}

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
