import { Channels, definePlugin, iq, Relay, refuse, withoutTraces, xml, z } from "masque";
import { Preferences } from "masque/plugins/preferences";
import { withoutAddresses } from "./addresses.ts";

const NAME = "vCard";

/** Participants ask for one another's vCards by proxy JID (XEP-0404 0.1.0 §3.3, XEP-0403 §3.8). */
export default definePlugin({
  name: "vcard",
  summary: "Participants may read one another's vCards through the channel, of those who allow it.",
  dependsOn: ["participants"],
  options: z.strictObject({
    vcard_temp: z.boolean().default(true).describe("Whether vcard-temp (XEP-0054) is passed on"),
    vcard4: z.boolean().default(true).describe("Whether vCard4 (XEP-0292) is passed on"),
    remove_addresses: z
      .boolean()
      .default(true)
      .describe("Whether XMPP addresses are taken out of the vCards of those whose JID is hidden"),
    pending_each: z.int().min(1).default(100).describe("How many vCards one user may be waiting for"),
    pending: z.int().min(1).default(10_000).describe("How many vCards may be waited for in all"),
  }),

  setup({ options, handle, feature, get, when, request }) {
    const relay = new Relay(request, get(Channels), { each: options.pending_each, all: options.pending });

    when(Preferences, (preferences) => {
      preferences.define({
        name: NAME,
        label: "Who may read my vCard through the channel",
        values: { allow: "Every participant", block: "Nobody" },
        initial: "block",
      });
    });

    if (options.vcard_temp) pass("vcard-temp", "vCard");
    if (options.vcard4) pass("urn:ietf:params:xml:ns:vcard-4.0", "vcard");

    function pass(xmlns: string, name: string): void {
      feature(xmlns, "both");
      handle(iq.get("participant", xmlns, name), (asked) => {
        // Stored with the participant, and so heeded also while the plugin of preferences is off.
        if (asked.target.traits[NAME] !== "allow")
          throw refuse("not-allowed", "This participant does not show his vCard.");
        return {
          async later() {
            // A question of our own making: what else the asker's client says is none of the other's business.
            const { content, secrets } = await relay.ask(asked, "", xml(name, { xmlns }));
            if (!content) return xml(name, { xmlns });
            const isOpen = secrets.length === 0 || !options.remove_addresses;
            return isOpen ? content : withoutAddresses(withoutTraces(content, secrets));
          },
        };
      });
    }
  },
});
