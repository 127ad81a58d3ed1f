import type { ZodObject } from "zod";
import { didYouMean } from "../host/nearest.ts";
import type { Context } from "../host/plugin.ts";
import { isStanzaError } from "../xmpp/refuse.ts";
import type { Command, Commands, Doing, Order, Outcome } from "./command.ts";
import { Failure, Unconfirmed } from "./failure.ts";
import { readGiven } from "./given.ts";
import { helpOf, listOf } from "./usage.ts";
import { readOrder } from "./words.ts";

/** Nobody listens, and nobody leaves. */
const ALONE: Doing = { by: "the service itself", signal: new AbortController().signal, say() {} };

/** All commands that are known now. */
export class CommandTable {
  readonly #commands = new Map<string, Command>();

  /** Throws when the name is taken. */
  add<S extends ZodObject, R>(command: Command<S, R>): void {
    if (this.#commands.has(command.name)) throw new Error(`There is a command "${command.name}" already.`);
    this.#commands.set(command.name, command as unknown as Command);
  }

  all(): readonly Command[] {
    return [...this.#commands.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The table as one consumer sees it: what he adds goes with him. */
  for(consumer: Pick<Context, "cleanup">): Commands {
    return {
      add: (command) => {
        this.add(command);
        consumer.cleanup(`command ${command.name}`, () => void this.#commands.delete(command.name));
      },
      all: () => this.all(),
      run: (order, doing) => this.run(order, doing),
    };
  }

  /** The command that words begin with, and the words after it; `undefined` when none is called so. */
  find(words: readonly string[]): { command: Command; rest: readonly string[] } | undefined {
    for (let count = words.length; count > 0; count--) {
      const command = this.#commands.get(words.slice(0, count).join(" "));
      if (command) return { command, rest: words.slice(count) };
    }
    return undefined;
  }

  /** Carries out what is written: a command's name, and what it is given. Throws a Failure. */
  async obey(words: readonly string[], doing: Doing = ALONE): Promise<Outcome> {
    if (words.includes("--help")) return this.#help(words.filter((word) => word !== "--help"));
    const found = this.find(words);
    if (!found) throw this.#unknown(words);
    return this.run(readOrder(found.command, found.rest), doing);
  }

  async run({ command, given, isConfirmed }: Order, doing: Doing): Promise<Outcome> {
    const read = readGiven(command, given);
    try {
      const warning = isConfirmed ? undefined : await command.warns?.(read);
      if (warning !== undefined) throw new Unconfirmed(warning);
      const result = await command.run(read, doing);
      return { result, text: command.render?.(result) ?? JSON.stringify(result, null, 2) ?? "" };
    } catch (error) {
      throw isStanzaError(error) ? new Failure("failed", error.text) : error;
    }
  }

  /** How a command is written; of several that begin so, what each does. */
  #help(words: readonly string[]): Outcome {
    const meant = this.find(words);
    const begun = this.#beginning(words);
    if (!meant && begun.length === 0) throw this.#unknown(words);
    const text = meant && begun.length < 2 ? helpOf(meant.command) : listOf(begun);
    return { result: text, text };
  }

  #unknown(words: readonly string[]): Failure {
    const [first = "", second = ""] = words;
    const siblings = this.#beginning([first]);
    if (siblings.length === 0)
      return new Failure("usage", `There is no command "${first}"${didYouMean(first, this.#commands.keys())}`);
    const wrong = second === "" ? `"${first}" is not all of a command` : `There is no command "${first} ${second}"`;
    return new Failure("usage", `${wrong}. There is:\n${listOf(siblings)}`);
  }

  #beginning(words: readonly string[]): readonly Command[] {
    const start = words.join(" ");
    return this.all().filter(({ name }) => start === "" || name === start || name.startsWith(`${start} `));
  }
}
