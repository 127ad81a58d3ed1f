/**
 * A process of its own that writes into the store named on its command line, for tests that treat it badly. It prints
 * the key of its channel, then "+ID" for each message acknowledged and "-ID TEXT" for each refused.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { openStore } from "../../../core/storage/open.ts";
import { NODE } from "../../../core/xmpp/ns.ts";

const [url, ...sizes] = process.argv.slice(2);
const store = await openStore(url!);
const channel = (await store.create({ name: "coven", created: 1, listed: true, state: "{}" })) as number;
console.log(channel);

async function write(i: number, size: number): Promise<void> {
  const payload = "x".repeat(size);
  const message = {
    channel,
    node: NODE.MESSAGES,
    id: `m${i}`,
    at: i,
    sender: "123456",
    nick: "",
    shown: false,
    payload,
  };
  await store.put([{ put: "message", message }]).then(
    () => console.log(`+m${i}`),
    async (error: Error) => {
      console.log(`-m${i} ${error.message}`);
      await sleep(200);
    },
  );
}

if (sizes.length) {
  await Promise.all(sizes.map((size, i) => write(i, Number(size))));
  await store.close();
} else {
  let next = 0;
  const writeForEver = async (): Promise<never> => {
    for (;;) await write(next++, 600);
  };
  await Promise.all(Array.from({ length: 100 }, writeForEver));
}
