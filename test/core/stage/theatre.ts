import type { Plugin } from "../../../core/host/plugin.ts";
import { Masque } from "../../../core/masque.ts";
import { HOME, SERVICE } from "../../../core/stage/domains.ts";
import { openStage, type Stage } from "../../../core/stage/stage.ts";
import { bundled } from "../../../plugins/index.ts";

export const CHANNEL = `coven@${SERVICE}`;

/** Nothing is to go wrong in the house: whatever is worth a warning fails the test it happens in. */
const complain = (data: object | string, text?: string) => {
  if (typeof data === "string") throw new Error(data);
  throw new Error(text, { cause: "err" in data ? data.err : data });
};
const log = { debug: () => {}, info: () => {}, warn: complain, error: complain };

export interface Theatre {
  readonly stage: Stage;
  /** Where clients connect. */
  readonly socket: string;
  close(): Promise<void>;
}

interface TheatreOptions {
  /** Plugins besides the bundled ones. */
  readonly more?: readonly Plugin[];
  readonly storage?: string;
}

/** The stage with Masque on it, connected as to any server: on free ports, with a store in memory unless said otherwise. */
export async function openTheatre({ more = [], storage = "sqlite::memory:" }: TheatreOptions = {}): Promise<Theatre> {
  const stage = await openStage({ port: 0, log });
  const catalogue = [...bundled, ...more];
  const masque = new Masque(
    catalogue,
    {
      ...stage.component,
      name: "Shakespearean Chat Service",
      operators: [`prospero@${HOME}`],
      defaultGeneration: 1,
      storage,
      plugins: Object.fromEntries(catalogue.map(({ name }) => [name, {}])),
    },
    log,
  );
  await masque.start();
  stage.present(masque.host, catalogue);
  const close = async () => {
    await masque.stop();
    await stage.close();
  };
  return { stage, socket: `${stage.url.replace("http", "ws")}xmpp-websocket`, close };
}

/** A stage on which nobody serves the channels. */
export async function openEmptyStage(): Promise<Theatre> {
  const stage = await openStage({ port: 0, log });
  return { stage, socket: `${stage.url.replace("http", "ws")}xmpp-websocket`, close: () => stage.close() };
}
