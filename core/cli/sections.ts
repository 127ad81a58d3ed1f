import { z } from "zod";
import { secret } from "../host/options.ts";
import { isPostgres } from "../storage/open.ts";
import { parseJid } from "../xmpp/jid.ts";

const PLACE = 'a host and a port, such as "127.0.0.1:5348"';
const place = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s]+):[1-9]\d{0,4}$/);

/**
 * The sections of the configuration file, but for the plugins'. Every option has a default, or else an `example`;
 * `needed` are those that must be given although their schema, for itself, could do without.
 */
export const SECTIONS = {
  component: z
    .strictObject({
      domain: z
        .string()
        .refine(isDomain)
        .meta({ expects: 'a domain, such as "mix.shakespeare.example"', example: "mix.shakespeare.example" })
        .describe("The domain the channels live on, as the XMPP server knows it."),
      host: z
        .string()
        .min(1)
        .default("127.0.0.1")
        .describe("Where the XMPP server listens for components. The link is not encrypted: keep it on a private net."),
      port: z.int().min(1).max(65_535).default(5347).describe("The server's port for components."),
      secret: secret
        .meta({ example: "change me", needed: true })
        .describe("The secret shared with the server. MASQUE_SECRET in the environment overrides it.")
        .optional(),
      secret_file: z
        .string()
        .min(1)
        .meta({ example: "/etc/masque/secret" })
        .describe("A file that holds the secret, instead of `secret`.")
        .optional(),
    })
    .describe("The link to the XMPP server (XEP-0114)."),

  service: z
    .strictObject({
      name: z.string().min(1).default("Masque").describe("What clients call the service."),
      operators: z
        .array(
          z
            .string()
            .refine(isBareAddress)
            .meta({ expects: 'an address without a resource, such as "prospero@shakespeare.example"' }),
        )
        .default([])
        .describe("Addresses of those who may manage every channel and the service itself."),
      default_generation: z
        .literal([0, 1])
        .default(1)
        .describe(
          "The MIX spoken with those who did not say which they speak: 0 is that of 2018, with proxy JIDs, 1 is today's.",
        ),
    })
    .describe("The service as its users see it."),

  storage: z
    .strictObject({
      url: z
        .string()
        .superRefine(judgeUrl)
        .default("sqlite:./var/masque.db")
        .describe(
          "Where channels and archives are kept: sqlite:FILE, sqlite::memory: to forget all at the end, or postgres://USER@HOST/DATABASE.",
        ),
      password_file: z
        .string()
        .min(1)
        .meta({ example: "/etc/masque/postgres-password" })
        .describe("A file that holds the password for PostgreSQL, which then is not in the URL.")
        .optional(),
    })
    .describe("The database."),

  cluster: z
    .strictObject({
      listen: place
        .meta({ expects: PLACE, example: "127.0.0.1:5348" })
        .describe(
          "Where other processes of this service hand over what is for this one; with it, several may serve the domain on one PostgreSQL. The link is not encrypted: keep it on a private net.",
        )
        .optional(),
      address: place
        .meta({ expects: PLACE, example: "10.0.0.1:5348" })
        .describe("The same as the other processes reach it, where that is not the address it listens on.")
        .optional(),
      streams: z
        .int()
        .min(1)
        .max(1000)
        .default(1)
        .describe(
          "How many connections the XMPP server shares the domain out to, of all processes together: ejabberd's component_number. With 1, all processes but one wait to take over.",
        ),
    })
    .describe("Several processes that serve one domain together."),

  log: z
    .strictObject({
      level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("The least that is worth a line."),
    })
    .describe("What is written to standard output."),

  control: z
    .strictObject({
      socket: z
        .string()
        .min(1)
        .meta({ example: "./var/masque.sock" })
        .describe("The Unix socket `masque status` and its like talk to. Without it: beside the database.")
        .optional(),
    })
    .describe("How the command `masque` reaches the running service."),
};

export type Sections = { readonly [S in keyof typeof SECTIONS]: Readonly<z.output<(typeof SECTIONS)[S]>> };

function isDomain(text: string): boolean {
  const jid = parseJid(text);
  return jid !== undefined && jid.local === "" && jid.resource === "";
}

function isBareAddress(text: string): boolean {
  const jid = parseJid(text);
  return jid !== undefined && jid.local !== "" && jid.resource === "";
}

function judgeUrl(url: string, check: z.core.$RefinementCtx): void {
  const complain = (message: string) => check.addIssue({ code: "custom", message });
  // What was written is not repeated: the URL of a database may hold a password.
  if (/^postgres(ql)?:/.test(url) && !isPostgres(url)) complain("expected postgres://USER@HOST/DATABASE");
  else if (!/^sqlite:./.test(url) && !isPostgres(url))
    complain(
      'expected sqlite:FILE, such as "sqlite:./var/masque.db", sqlite::memory: or postgres://USER@HOST/DATABASE',
    );
}
