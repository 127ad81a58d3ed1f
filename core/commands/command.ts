import type { ZodObject, z } from "zod";
import { service } from "../container.ts";

declare module "../host/plugin.ts" {
  interface Hooks {
    /** Gathered for `masque status`: a sentence on how a plugin fares. It holds no JID, for people pass it on. */
    "service/status": (about: Readonly<Record<never, never>>) => string;
  }
}

/** Who wants a command carried out, and how he hears of it while it runs. */
export interface Doing {
  /** A JID, or the name of a door such as "socket": it is written to the log with what is out of the ordinary. */
  readonly by: string;
  /** Aborted when whoever asked has gone. */
  readonly signal: AbortSignal;
  /** Tells how far it is, or what is being watched: plain data, and a line for people. */
  say(data: unknown, line?: string): void;
}

/** Something an operator can have the running service do: `masque NAME ARGUMENT… --option …`. */
export interface Command<S extends ZodObject = ZodObject, R = unknown> {
  /** One word, or several: of two names that fit, the longer is meant. */
  readonly name: string;
  readonly summary: string;
  /**
   * What it takes, each with a description. What is required is written in this order, what has a default or may be
   * absent by name: `--least 3`, `--yes`. A list that is required comes last.
   */
  readonly takes?: S;
  /** A sentence on what cannot be undone; with it, the command is carried out only when it is confirmed, by `--yes`. */
  warns?(given: z.output<S>): string | undefined | Promise<string | undefined>;
  /** It goes on until whoever asked has had enough: it is for the command line. */
  readonly isLive?: boolean;
  /** Answers with plain data, which `--json` prints. Throws a Failure for what is to be told in a sentence. */
  run(given: z.output<S>, doing: Doing): R | Promise<R>;
  /** The answer as people want to read it; without it, they get the data. */
  render?(result: R): string;
}

/**
 * Where plugins add commands of their own; they go with the plugin. The command line, ad hoc commands (XEP-0050) and the
 * console all take them from here.
 * @example
 * get(Commands).add({ name: "rooms", summary: "Lists channels.", run: () => names() });
 */
export interface Commands {
  /** Throws when the name is taken. */
  add<S extends ZodObject, R>(command: Command<S, R>): void;
  /** All that can be done now, in the order of their names. */
  all(): readonly Command[];
  /** Has one carried out. Throws a Failure when it cannot be, or was not confirmed. */
  run(order: Order, doing: Doing): Promise<Outcome>;
}

export const Commands = service<Commands>("commands");

/** A command with what it is given, as texts by name; a flag is "true" or "false", a list several texts. */
export interface Order {
  readonly command: Command;
  readonly given: Readonly<Record<string, string | readonly string[]>>;
  /** Whoever asks knows that it cannot be undone. */
  readonly isConfirmed: boolean;
}

/** What a command came to: the data, and the text for people. */
export interface Outcome {
  readonly result: unknown;
  readonly text: string;
}
