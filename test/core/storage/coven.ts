import { expect } from "vitest";
import type { Store } from "../../../core/storage/store.ts";
import { NODE } from "../../../core/xmpp/ns.ts";

/** What is in the samples of databases of every schema. */
export async function expectCoven(store: Store): Promise<void> {
  const { channel, participants } = (await store.channel("coven"))!;
  const state = '{"owners":["hecate"]}';
  expect(channel).toEqual({ key: 3, name: "coven", created: 1_300_000_000_000, listed: true, state });
  expect(participants.map(({ jid }) => jid)).toEqual(["hecate@shakespeare.example"]);
  expect(await store.former(3, "hag66@shakespeare.example")).toMatchObject({ id: "654321" });
  const query = { channel: 3, node: NODE.MESSAGES, max: 10 };
  const said = { channel: 3, node: NODE.MESSAGES };
  const hecate = { sender: "123456", nick: "hecate", shown: true };
  const hag66 = { sender: "654321", nick: "hag66", shown: false };
  expect(await store.history(query)).toEqual({
    messages: [
      { ...said, id: "a", at: 20, ...hecate, payload: "<body>double, double</body>" },
      { ...said, id: "b", at: 10, ...hag66, payload: "<body>toil and trouble</body>" },
    ],
    count: 2,
    index: 0,
    complete: true,
  });
  expect(await store.history({ ...query, start: 15 })).toMatchObject({ count: 1 });
  expect(await store.values("presence/asked")).toEqual(new Map([["coven", "1"]]));
}
