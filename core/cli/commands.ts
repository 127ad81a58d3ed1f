import { service } from "../container.ts";
import { didYouMean } from "../host/nearest.ts";
import type { Context } from "../host/plugin.ts";
import { Failure } from "./failure.ts";

declare module "../host/plugin.ts" {
  interface Hooks {
    /** Gathered for `masque status`: a sentence on how a plugin fares. It holds no JID, for people pass it on. */
    "service/status": (about: Readonly<Record<never, never>>) => string;
  }
}

/** Something an operator can have the running service do: `masque NAME ARGUMENT…`. */
export interface Command<R = unknown> {
  /** One word, or two: "explain jid" is asked before "explain". */
  readonly name: string;
  readonly summary: string;
  /** Names of the arguments, all of them required. */
  readonly args?: readonly string[];
  /** Answers with plain data, which `--json` prints. */
  run(args: readonly string[]): R | Promise<R>;
  /** The answer as people want to read it; without it, they get the data. */
  render?(result: R): string;
}

/**
 * Where plugins add commands of their own; they go with the plugin.
 * @example
 * when(Commands, (commands) => commands.add({ name: "rooms", summary: "Lists channels.", run: () => names() }));
 */
export interface Commands {
  add<R>(command: Command<R>): void;
}

export const Commands = service<Commands>("commands");

/** What a command came to: the data, and the text for people. */
export interface Outcome {
  readonly result: unknown;
  readonly text: string;
}

/** All commands the service knows now. */
export class CommandTable implements Commands {
  readonly #commands = new Map<string, Command>();

  /** Throws when the name is taken. */
  add<R>(command: Command<R>): void {
    if (this.#commands.has(command.name)) throw new Error(`There is a command "${command.name}" already.`);
    this.#commands.set(command.name, command as Command);
  }

  /** The table as one consumer sees it: what he adds goes with him. */
  for(consumer: Pick<Context, "cleanup">): Commands {
    return {
      add: (command) => {
        this.add(command);
        consumer.cleanup(`command ${command.name}`, () => void this.#commands.delete(command.name));
      },
    };
  }

  async run(name: string, args: readonly string[]): Promise<Outcome> {
    const longer = this.#commands.get(`${name} ${args[0]}`);
    const command = longer ?? this.#commands.get(name);
    const given = longer ? args.slice(1) : args;
    if (!command) throw new Failure("usage", `There is no command "${name}"${didYouMean(name, this.#commands.keys())}`);
    const expected = command.args ?? [];
    if (given.length !== expected.length) {
      throw new Failure("usage", `Write: masque ${[command.name, ...expected].join(" ")}`);
    }
    const result = await command.run(given);
    return { result, text: command.render?.(result) ?? JSON.stringify(result, null, 2) ?? "" };
  }
}
