import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { xml } from "@xmpp/client";
import { beforeAll, expect, it } from "vitest";
import { CORE } from "../../core/channel/generation.ts";
import { NODE, NS } from "../../core/xmpp/ns.ts";
import type { Element } from "../../core/xmpp/xml.ts";
import { Ejabberd } from "./ejabberd.ts";
import { Masque } from "./masque.ts";
import { SERVICE } from "./server.ts";
import type { Tap } from "./tap.ts";
import { onRealServers } from "./world.ts";
import { PAM, type XmppJs } from "./xmpp-js.ts";

const CHANNEL = `coven@${SERVICE}`;
const NODES = [NODE.MESSAGES, NODE.PARTICIPANTS];
const ABSENT = "a while";
/** So many that no stroke of luck brings all of them to one of two. */
const QUESTIONS = 60;

// What docs/servers.md says of ejabberd's own MIX-PAM, one sentence each. Should a later ejabberd do better, what fails here
// is to be struck there. One story: each `it` goes on where the one before ended.
onRealServers(Ejabberd, "what ejabberd's mod_mix_pam does not do", (world) => {
  let tap: Tap;
  let garden: XmppJs;
  let cave: XmppJs;
  let heath: XmppJs;

  beforeAll(async () => {
    tap = await world().tap();
    garden = await world().xmppJs("hecate", "garden", tap);
    cave = await world().xmppJs("hecate", "cave");
    heath = await world().xmppJs("hag66", "heath", undefined, "plain");
    await garden.asks("set", SERVICE, xml("create", { xmlns: CORE[1], channel: "coven" }));
  });

  /** Sends an iq to its own server; nothing waits for the answer. */
  async function sends(person: XmppJs, id: string, payload: Element): Promise<void> {
    await person.sends(xml("iq", { type: "set", to: person.account, id }, payload));
  }

  /** All that was asked before has been seen to: the server answers what it asks of itself in order, and so does Masque. */
  async function calm(person: XmppJs): Promise<void> {
    await person.asks("get", SERVICE, xml("ping", { xmlns: NS.PING }));
    await person.asks("get", person.account, xml("query", { xmlns: NS.DISCO_INFO }));
  }

  async function chosen(person: XmppJs): Promise<string | null | undefined> {
    const answer = await person.asks("get", CHANNEL, xml("user-preference", { xmlns: NS.MIX_ANON }));
    const fields = answer?.getChild("x", NS.DATA)?.getChildren("field") ?? [];
    return fields.find(({ attrs }) => attrs.var === "JID Visibility")?.getChildText("value");
  }

  function never(): Element {
    const fields = Object.entries({ FORM_TYPE: NS.MIX_ANON, "JID Visibility": "never" }).map(([name, value]) =>
      xml("field", { var: name }, xml("value", {}, value)),
    );
    return xml("x", { xmlns: NS.DATA, type: "submit" }, ...fields);
  }

  it("answers a join in the namespace of MIX-CORE", {
    tags: ["slixmpp-ejabberd/join", "xmppjs-ejabberd/join"],
  }, async () => {
    const joined = await garden.joinsByServer(CHANNEL, "third witch", NODES, never());
    expect([joined.getName(), joined.getNS()]).toEqual(["client-join", CORE[1]]);
  });

  it("loses the preferences that came in the join; set right after it, they are kept", {
    tags: ["xmppjs-ejabberd/preferences"],
  }, async () => {
    expect(await chosen(garden)).toBe("default");
    await garden.asks("set", CHANNEL, xml("user-preference", { xmlns: NS.MIX_ANON }, never()));
    expect(await chosen(garden)).toBe("never");
  });

  it("hands live messages to every client, also to those that do not speak MIX, with an empty <mix/>", {
    tags: ["xmppjs-ejabberd/several"],
  }, async () => {
    await heath.joinsByServer(CHANNEL, "first witch", NODES);
    await garden.says(CHANNEL, "Double, double.");
    await Promise.all([garden, cave, heath].map((person) => person.hears("Double, double.")));
    expect(tap.text).toContain("<mix xmlns=''/>");
  });

  it("hands news of participants to every client, too, whatever its priority", async () => {
    await cave.sends(xml("presence", {}, xml("priority", {}, "5")));
    await calm(cave);
    const before = tap.text.length;
    await heath.asks("set", CHANNEL, xml("setnick", { xmlns: CORE[1] }, xml("nick", {}, "second witch")));
    await garden.says(CHANNEL, "Who is she?");
    await Promise.all([garden, cave].map((person) => person.hears("Who is she?")));
    expect(tap.text.slice(before)).toContain("<nick>second witch</nick></participant>");
    await cave.sends(xml("presence"));
  });

  it("shows the channel the presence of every client, also of those that do not speak MIX", async () => {
    const subscribe = xml("subscribe", { node: NODE.PRESENCE });
    await garden.asks("set", CHANNEL, xml("update-subscription", { xmlns: CORE[1] }, subscribe));
    await heath.sends(xml("presence", {}, xml("show", {}, "dnd")));
    await garden.when(() => garden.seen.some((each) => each.getChildText("show") === "dnd"), "Seeing the second witch");
  });

  it("does not archive what is said: the channel does", async () => {
    expect((await garden.archive(CHANNEL)).map(({ body }) => body)).toEqual(["Double, double.", "Who is she?"]);
    expect(await garden.archive(garden.account)).toEqual([]);
  });

  it("does as it is told to leave, and never answers", {
    tags: ["xmppjs-ejabberd/leave", "slixmpp-ejabberd/leave"],
  }, async () => {
    await sends(
      garden,
      "leaving",
      xml("client-leave", { xmlns: PAM, channel: CHANNEL }, xml("leave", { xmlns: CORE[1] })),
    );
    await expect
      .poll(async () => (await heath.participants(CHANNEL)).map(({ nick }) => nick))
      .toEqual(["second witch"]);
    await calm(garden);
    expect(tap.text).not.toContain("leaving");
  });

  it("does not answer a join while Masque is away", {
    tags: ["xmppjs-ejabberd/join", "slixmpp-ejabberd/join"],
  }, async () => {
    await world().masque.stop();
    const join = xml("join", { xmlns: CORE[1] }, xml("nick", {}, "third witch"));
    await sends(garden, ABSENT, xml("client-join", { xmlns: PAM, channel: CHANNEL }, join));
    await garden.asks("get", garden.account, xml("query", { xmlns: NS.DISCO_INFO }));
    expect(tap.text).not.toContain(ABSENT);
    await world().masque.start();
    await calm(garden);
    expect(tap.text).not.toContain(ABSENT);
  });

  it("divides stanzas between two components for one domain: of what went to the first, the second knows nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "masque-second-"));
    const second = await Masque.start(folder, world().server);
    const condition = ({ condition }: { condition: string }) => condition;
    try {
      const asked = Array.from({ length: QUESTIONS }, () => heath.participants(CHANNEL).then(() => "known", condition));
      expect(new Set(await Promise.all(asked))).toEqual(new Set(["known", "item-not-found"]));
    } finally {
      await second.stop();
      await rm(folder, { recursive: true });
    }
  });
});
