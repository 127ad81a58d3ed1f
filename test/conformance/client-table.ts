import { CLIENTS, type Client, type ClientTag, DEEDS, type Deed, REMARKS } from "./clients.ts";
import type { TaggedTest } from "./tagged-tests.ts";

const HEAD = `# What works with which client

Each cell is what tests found: "yes", "partly" or "no" leads to one, and the number to what is wanting, below the table;
"–" means that the client does nothing of the kind, or that nobody has tried.

- **slixmpp** 1.8.3 with its plugins as they come, and **@xmpp/client** 0.14 with stanzas made by hand, ran against the
  built program behind Debian's Prosody 0.12 (without MIX-PAM, and with
  [mod_mix_pam](../config/prosody/mod_mix_pam.lua)) and ejabberd 23.01.
- **QXmpp** 1.10 with **Kaidan**, **Martin** with **Siskin**, and **Halcyon** did not run: what their sources send was
  replayed over a real stream, and what they cannot do without was looked for in the answers. Their server joins for them,
  as Prosody does with our module.

What each server does for its users, whatever their client, is in [servers.md](servers.md). This page is made from
[the clients](../test/conformance/clients.ts) and from the tests' tags, by \`npm run generate\`.
`;

const FOOT = `
## Behind ejabberd, by their sources

As ejabberd answers a join by MIX-PAM in the namespace of MIX-CORE (1), Halcyon takes its join for failed. Martin passes
over the answer, and QXmpp finds no ID in it; both know the channel all the same, by the roster in which ejabberd puts it.
`;

const names = Object.entries(CLIENTS) as [Client, string][];

/** The page docs/clients.md. */
export function clientPage(tests: readonly TaggedTest[]): string {
  const head = `| | ${names.map(([, name]) => name).join(" | ")} |\n|---|${names.map(() => "---|").join("")}`;
  const rows = (Object.entries(DEEDS) as [Deed, string][]).map(([deed, words]) => {
    const cells = names.map(([client]) => cell(`${client}/${deed}`, tests));
    return `| ${words} | ${cells.join(" | ")} |`;
  });
  const whys = REMARKS.map(({ why }, place) => `${place + 1}. ${why}`);
  return [HEAD, `${head}\n${rows.join("\n")}\n`, whys.join("\n"), FOOT].join("\n");
}

function cell(tag: ClientTag, tests: readonly TaggedTest[]): string {
  const proof = tests.find(({ tags }) => tags.includes(tag));
  if (!proof) return "–";
  const place = REMARKS.findIndex(({ of }) => of.includes(tag));
  return `[${REMARKS[place]?.works ?? "yes"}](../${proof.file})${place < 0 ? "" : ` (${place + 1})`}`;
}
