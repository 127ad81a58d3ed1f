import { xml } from "@xmpp/client";
import { beforeAll, expect, it } from "vitest";
import { CORE } from "../../core/channel/generation.ts";
import { NODE } from "../../core/xmpp/ns.ts";
import { Ejabberd } from "./ejabberd.ts";
import { Prosody } from "./prosody.ts";
import { DOMAIN, type Make, SERVICE } from "./server.ts";
import type { Tap } from "./tap.ts";
import { onRealServers } from "./world.ts";
import type { Kind, XmppJs } from "./xmpp-js.ts";

const CHANNEL = `coven@${SERVICE}`;
const MULTICAST = `multicast.${DOMAIN}`;
const EVEN_FEW = "[plugins.multicast]\nleast = 2\n";

const components = `Component "${MULTICAST}" "mix_multicast"\n  mix_multicast_for = { "${SERVICE}" }\n`;

const MAKES: readonly Make[] = [
  {
    title: "Prosody with mod_mix_multicast",
    program: Prosody.program,
    masque: EVEN_FEW,
    start: (folder) => Prosody.start(folder, { modules: ["mix_pam"], components }),
  },
  {
    title: "ejabberd with mod_multicast",
    program: Ejabberd.program,
    masque: EVEN_FEW,
    start: (folder) => Ejabberd.start(folder),
  },
];

// One story each: each `it` goes on where the one before ended.
for (const make of MAKES) {
  onRealServers(make, `what is said behind ${make.title}`, (world) => {
    let tap: Tap;
    let all: XmppJs[];
    const says = async (speaker: XmppJs, body: string) => {
      await speaker.says(CHANNEL, body);
      await Promise.all(all.map((each) => each.hears(body)));
    };

    beforeAll(async () => {
      tap = await world().tap();
      const login = (name: string, where: string, kind?: Kind) => world().xmppJs(name, where, tap, kind);
      all = await Promise.all([login("hecate", "garden"), login("hag66", "heath"), login("crone1", "cave", "plain")]);
      const [hecate, hag66, crone1] = all as [XmppJs, XmppJs, XmppJs];
      await hecate.asks("set", SERVICE, xml("create", { xmlns: CORE[1], channel: "coven" }));
      await hecate.joinsByServer(CHANNEL, "third witch", [NODE.MESSAGES]);
      await hag66.joinsByServer(CHANNEL, "first witch", [NODE.MESSAGES]);
      await crone1.joins(CHANNEL, "second witch");
    });

    it("is handed to the multicast service, once that has proven itself", async () => {
      const from = world().masque.said;
      await says(all[0]!, "One.");
      await world().masque.says(`written to through ${MULTICAST}, 1000 at a time`, Math.max(0, from - 1));
    });

    it("reaches each of them once, in the order of the archive, whichever way it goes", async () => {
      for (const [i, each] of all.entries()) each.keepsTalking(CHANNEL, `${i}:`);
      await Promise.all(all.map((each, i) => each.hears(`${i}: 40`)));
      for (const each of all) each.hush();
      // What each has said last comes after all else that is under way.
      for (const [i, each] of all.entries()) await says(each, `${i}: amen`);
      const archive = await all[0]!.archive(CHANNEL);
      for (const each of all) expect(each.heard).toEqual(archive);
    });

    it("tells nobody who else was told", async () => {
      const secrets = [
        "http://jabber.org/protocol/address",
        ...["hag66", "crone1"].map((name) => `jid='${name}@${DOMAIN}`),
      ];
      expect([tap.text.includes("0: 40"), ...secrets.map((each) => tap.text.includes(each))]).toEqual([
        true,
        false,
        false,
        false,
      ]);
    });

    it("reaches the others when one of them is gone", async () => {
      await all.pop()!.stop();
      await says(all[0]!, "All gone.");
      await says(all[1]!, "And on.");
    });

    it("can be handed over by nobody else", async () => {
      const address = xml("address", { type: "bcc", jid: all[1]!.jid });
      const addresses = xml("addresses", { xmlns: "http://jabber.org/protocol/address" }, address);
      await all[0]!.sends(xml("message", { to: MULTICAST, id: "spam" }, xml("body", {}, "Spam."), addresses));
      await all[0]!.when(() => all[0]!.told.some(({ attrs }) => attrs.type === "error"), "Being refused");
      expect(String(all[0]!.told.at(-1))).toContain("forbidden");
      await says(all[0]!, "No spam.");
      expect(all[1]!.told).toEqual([]);
    });
  });
}
