import type {} from "masque";
import { HandClock } from "masque/testing";
import { service } from "../../../core/container.ts";
import { Host, type Parts } from "../../../core/host/host.ts";
import type { Fault, Logger, Plugin } from "../../../core/host/plugin.ts";

// Through "masque", and with an import of it, as plugins do: the compiler must have read the core's own additions before.
declare module "masque" {
  interface Hooks {
    /** Who comes to the coven, says the first who knows. */
    "coven/who": (place: string) => string;
  }
  interface Guards {
    "coven/show": (jid: string) => "visible" | "veiled" | "hidden";
  }
  interface Events {
    "coven/joined": { readonly nick: string };
  }
}

export const WORDS = ["visible", "veiled", "hidden"] as const;

/** What goes into the cauldron, by whom. */
export interface Cauldron {
  throws(thing: string): void;
}
export const Cauldron = service<Cauldron>("test-cauldron");

/** A plugin that lets others throw things into its cauldron, and takes them out again when they go. */
export function cauldron(contents: string[], name = "cauldron"): Plugin {
  return plugin(name, ({ provide }) => {
    provide(Cauldron, (consumer) => ({
      throws(thing) {
        contents.push(`${consumer.name}: ${thing}`);
        consumer.cleanup(`thing ${thing}`, () => {
          contents.splice(contents.indexOf(`${consumer.name}: ${thing}`), 1);
        });
      },
    }));
  });
}

/** A plugin in one line; `more` for what it depends on or provides. */
export function plugin(name: string, setup: Plugin["setup"] = () => {}, more: Partial<Plugin> = {}): Plugin {
  return { name, summary: `The plugin ${name} of a test.`, setup, ...more };
}

/** A host whose clock stands still, with what it logged and which faults it told of. */
export function house(plugins: readonly Plugin[], parts: Partial<Parts> = {}) {
  const clock = new HandClock();
  const lines: string[] = [];
  const faults: Fault[] = [];
  const host = new Host(plugins, { clock, log: logger(lines), onFault: (fault) => faults.push(fault), ...parts });
  return { host, clock, lines, faults };
}

export function logger(lines: string[]): Logger {
  const line = (data: object | string, text?: string) => {
    lines.push(typeof data === "string" ? data : `${JSON.stringify(data)} ${text}`);
  };
  return { debug: line, info: line, warn: line, error: line };
}

/** Lets everything happen that only waits for promises. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A promise with its handle. */
export function pending<T = void>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
