import { parseArgs } from "node:util";
import { Failure } from "./failure.ts";

/** What can be written with any command, wherever in the line. */
export interface Flags {
  readonly config?: string;
  readonly socket?: string;
  readonly json: boolean;
  readonly version: boolean;
}

export const FLAGS = [
  ["--config FILE", "The configuration (else MASQUE_CONFIG, ./masque.toml, /etc/masque/masque.toml)"],
  ["--socket PATH", "The socket of the running service (else as the configuration has it)"],
  ["--json", "Prints answers as JSON"],
  ["--help", "Says what there is; with a command, how it is written"],
  ["-v, --version", "Prints the version"],
] as const;

const OPTIONS = {
  config: { type: "string" },
  socket: { type: "string" },
  json: { type: "boolean" },
  version: { type: "boolean", short: "v" },
  help: { type: "boolean", short: "h" },
} as const;

/** Their names. */
export const FLAG_NAMES = Object.keys(OPTIONS);

/** Parts the flags from what is left: the words of a command, with its own options. Throws a Failure. */
export function readFlags(argv: readonly string[]): { flags: Flags; words: readonly string[] } {
  const { tokens, values } = parseArgs({ args: [...argv], options: OPTIONS, strict: false, tokens: true });
  const own = tokens.flatMap((token) => (token.kind === "option" && token.name in OPTIONS ? [token] : []));
  const taken = own.flatMap(({ index, value, inlineValue }) =>
    value === undefined || inlineValue ? [index] : [index, index + 1],
  );
  for (const { name, value } of own) {
    const wantsValue = name === "config" || name === "socket";
    if (wantsValue && !value) throw new Failure("usage", `--${name} wants a value.`);
  }
  const words = argv.filter((_, at) => !taken.includes(at));
  return {
    flags: {
      ...(typeof values.config === "string" ? { config: values.config } : {}),
      ...(typeof values.socket === "string" ? { socket: values.socket } : {}),
      json: values.json === true,
      version: values.version === true,
    },
    words: values.help ? [...words, "--help"] : words,
  };
}
