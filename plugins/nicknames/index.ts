import { randomUUID } from "node:crypto";
import { Channels, definePlugin, type Element, iq, NS, nickEnforced, refuse, xml, z } from "masque";
import type {} from "masque/plugins/participants";
import { Registrations } from "./registrations.ts";

/** Nicks registered with the service (XEP-0407, "Registering a Nick"). */
export default definePlugin({
  name: "nicknames",
  summary: "People register a nick with the service, and nobody else gets it in any channel.",
  dependsOn: ["participants"],
  options: z.strictObject({
    each: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .describe("How many nicks one user may have registered; one more, and the oldest is given up"),
    in_all: z.int().min(1).default(100_000).describe("How many nicks may be registered in all"),
  }),

  async setup({ options: { each, in_all: inAll }, handle, get, feature, store }) {
    const channels = get(Channels);
    const registered = await Registrations.open(store);
    feature(`${NS.MIX_MISC}#nick-register`, "service");

    // "A channel MUST NOT use a registered nick for any other participant."
    handle("nick/taken", ({ nick, jid }) => {
      const owner = registered.ownerOf(nick);
      return owner !== undefined && owner !== jid ? "taken" : undefined;
    });
    handle("nick/usual", ({ jid }) => registered.of(jid).at(-1));

    handle(iq.get("service", NS.MIX_MISC, "register"), ({ from }) => answer(registered.of(from.bare)));

    handle(iq.set("service", NS.MIX_MISC, "register"), async ({ from, payload }) => {
      // XEP-0407 has no way to give a nick up: this is that of XEP-0077 §3.2.
      if (payload.getChild("remove")) {
        await registered.release(from.bare);
        return answer([]);
      }
      // "If the register request does not contain a <nick/> element, then the MIX service MUST assign one."
      const nick = nickEnforced(payload.getChildText("nick")?.trim() || randomUUID());
      if (!nick)
        throw refuse(
          "not-acceptable",
          "This cannot be a nick: up to 1023 bytes of letters, digits, symbols and spaces.",
        );
      // The same for one that is registered and one that is in use: whose it is, or where, is nobody's business.
      if (isAnothers(nick, from.bare))
        throw refuse("conflict", "This nick, or one that looks the same, is taken on this service.");
      if (registered.of(from.bare).length < each && registered.size >= inAll)
        throw refuse("resource-constraint", "This service registers no more nicks: so many are registered already.");
      await registered.register(from.bare, nick, each);
      return answer([nick]);
    });

    function isAnothers(nick: string, jid: string): boolean {
      const owner = registered.ownerOf(nick);
      if (owner !== undefined) return owner !== jid;
      for (const channel of channels.loaded()) {
        const bearer = channel.byNick(nick);
        if (bearer && bearer.jid !== jid) return true;
      }
      return false;
    }
  },
});

function answer(nicks: readonly string[]): Element {
  return xml(
    "register",
    { xmlns: NS.MIX_MISC },
    nicks.map((nick) => xml("nick", {}, nick)),
  );
}
