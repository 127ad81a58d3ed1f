import { xml } from "@xmpp/client";
import { beforeAll, expect, it } from "vitest";
import { CORE, type Generation } from "../../core/channel/generation.ts";
import { NODE, NS } from "../../core/xmpp/ns.ts";
import type { Element } from "../../core/xmpp/xml.ts";
import { Ejabberd } from "./ejabberd.ts";
import { PamProsody, Prosody } from "./prosody.ts";
import { DOMAIN, SERVICE } from "./server.ts";
import type { Tap } from "./tap.ts";
import { onRealServers } from "./world.ts";
import type { XmppJs } from "./xmpp-js.ts";

const CHANNEL = `coven@${SERVICE}`;
const PAM = "urn:xmpp:mix:pam:2";
const FULL_PROXY = new RegExp(`^[a-z0-9]{16}#${CHANNEL}/[a-z0-9]{16}$`);
const STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas";
/** What nobody else may be told of somebody: his localpart, and what his clients' resources begin with. */
const SECRETS = { hecate: ["hecate", "UUID-h3c"], hag66: ["hag66", "UUID-a1j"], crone1: ["crone1", "UUID-c8y"] };
type Name = keyof typeof SECRETS;

// One story, of stanzas made by hand, after the table in XEP-0404 0.1.0 §3.2: each `it` goes on where the one before
// ended. hag66 is of that time, crone1 of today, and each has two clients. Prosody's users join straight from a client,
// the others' by their server.
for (const make of [Prosody, PamProsody, Ejabberd]) {
  onRealServers(make, `a private conversation in a hidden channel behind ${make.title}`, (world) => {
    const taps: { readonly name: Name; readonly tap: Tap }[] = [];
    let hecate: XmppJs;
    let heath: XmppJs;
    let moor: XmppJs;
    let cave: XmppJs;
    let den: XmppJs;
    /** hag66 and crone1, as the other finds them among the participants. */
    let hag66: string;
    let crone1: string;
    /** Their clients, as the other comes to know them. */
    let atHeath: string;
    let atMoor: string;
    let atCave: string;

    beforeAll(async () => {
      hecate = await login("hecate", "UUID-h3c/1606");
      heath = await login("hag66", "UUID-a1j/7533");
      moor = await login("hag66", "UUID-a1j/7534");
      cave = await login("crone1", "UUID-c8y/1573");
      den = await login("crone1", "UUID-c8y/1574");
      await hecate.asks("set", SERVICE, xml("create", { xmlns: CORE[1], channel: "coven" }));
      await join(heath, "hag66", "first witch", 0);
      await join(cave, "crone1", "second witch", 1);
      hag66 = await proxyOf(cave, "first witch");
      crone1 = await proxyOf(heath, "second witch");
    });

    async function login(name: Name, resource: string): Promise<XmppJs> {
      const tap = await world().tap();
      taps.push({ name, tap });
      return world().xmppJs(name, resource, tap);
    }

    async function join(person: XmppJs, name: Name, nick: string, generation: Generation): Promise<void> {
      const nodes = [NODE.MESSAGES, NODE.PARTICIPANTS].map((node) => xml("subscribe", { node }));
      const request = xml("join", { xmlns: CORE[generation] }, nodes, xml("nick", {}, nick));
      if (make === Prosody) await person.asks("set", CHANNEL, request);
      else await person.asks("set", `${name}@${DOMAIN}`, xml("client-join", { xmlns: PAM, channel: CHANNEL }, request));
    }

    /** A participant's bare proxy JID, from the participants node. */
    async function proxyOf(reader: XmppJs, nick: string): Promise<string> {
      const ask = xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node: NODE.PARTICIPANTS }));
      const items = (await reader.asks("get", CHANNEL, ask))?.getChild("items")?.getChildren("item") ?? [];
      const item = items.find((item) => item.getChild("participant")?.getChildText("nick") === nick);
      const id = item?.attrs.id ?? "";
      return id.includes("#") ? id : `${id}#${CHANNEL}`;
    }

    let count = 0;
    async function whisper(from: XmppJs, to: string, body: string, type = "chat"): Promise<string> {
      const id = `whisper-${++count}`;
      await from.sends(xml("message", { to, type, id }, xml("body", {}, body), xml("thread", {}, "e0ffe42b28561960")));
      return id;
    }

    /** The refusal of a stanza of this id. */
    async function refusal(person: XmppJs, id: string): Promise<{ from: string | undefined; condition: string }> {
      const isIt = ({ attrs }: Element) => attrs.id === id && attrs.type === "error";
      await person.when(() => person.told.some(isIt), `A refusal of ${id}`);
      const message = person.told.find(isIt) as Element;
      const condition = message
        .getChild("error")
        ?.getChildElements()
        .find((child) => child.getNS() === STANZAS);
      return { from: message.attrs.from, condition: condition?.name ?? "" };
    }

    /** All that is on its way to them has come. */
    async function calm(...people: XmppJs[]): Promise<void> {
      for (const person of people) await person.asks("get", SERVICE, xml("ping", { xmlns: NS.PING }));
    }

    const wasTold = (person: XmppJs, body: string) => person.told.some((each) => each.getChildText("body") === body);

    async function choose(person: XmppJs, name: string, value: string): Promise<void> {
      await person.asks("set", CHANNEL, xml("user-preference", { xmlns: NS.MIX_ANON }, form(NS.MIX_ANON, name, value)));
    }

    async function become(mode: string): Promise<void> {
      const item = xml("item", {}, form("urn:xmpp:mix:admin:0", "JID Visibility", mode));
      const publish = xml("publish", { node: NODE.CONFIG }, item);
      await hecate.asks("set", CHANNEL, xml("pubsub", { xmlns: NS.PUBSUB }, publish));
    }

    async function nobodyKnowsAnything(): Promise<void> {
      for (const { name, tap } of taps) {
        for (const [other, secrets] of Object.entries(SECRETS).filter(([other]) => other !== name))
          for (const secret of secrets) expect(tap.text, `what ${name} was sent, of ${other}`).not.toContain(secret);
      }
    }

    it("begins at a bare proxy JID, and reaches all clients there, from the client that wrote by its full proxy JID", {
      tags: ["xmppjs-alone/private", "xmppjs-prosody/private", "xmppjs-ejabberd/private"],
    }, async () => {
      const id = await whisper(cave, hag66, "Where hast thou been, sister?");
      const [one, two] = [
        await heath.isTold("Where hast thou been, sister?"),
        await moor.isTold("Where hast thou been, sister?"),
      ];
      atCave = one.attrs.from ?? "";
      expect(atCave).toMatch(FULL_PROXY);
      expect(atCave.split("/")[0]).toBe(crone1);
      expect(two.attrs.from).toBe(atCave);
      expect(one.attrs).toMatchObject({ type: "chat", id });
      expect(one.getChildText("thread")).toBe("e0ffe42b28561960");
    });

    it("is answered at the full proxy JID, and reaches the one client that began", {
      tags: ["xmppjs-alone/private", "xmppjs-prosody/private", "xmppjs-ejabberd/private"],
    }, async () => {
      await whisper(heath, atCave, "Killing swine.");
      const answer = await cave.isTold("Killing swine.");
      atHeath = answer.attrs.from ?? "";
      expect(atHeath).toMatch(FULL_PROXY);
      expect(atHeath.split("/")[0]).toBe(hag66);
      expect(answer.attrs.to).toBe(`crone1@${DOMAIN}/UUID-c8y/1573`);
      await calm(den);
      expect(wasTold(den, "Killing swine.")).toBe(false);
    });

    it("goes on between these two clients, under the same names", async () => {
      await whisper(cave, atHeath, "Sister, where thou?");
      const message = await heath.isTold("Sister, where thou?");
      expect(message.attrs).toMatchObject({ from: atCave, to: `hag66@${DOMAIN}/UUID-a1j/7533` });
      await calm(moor);
      expect(wasTold(moor, "Sister, where thou?")).toBe(false);
      await whisper(heath, atCave, "A sailor's wife had chestnuts in her lap.");
      expect((await cave.isTold("A sailor's wife had chestnuts in her lap.")).attrs.from).toBe(atHeath);
    });

    it("is another one with the other client, which has a name of its own", async () => {
      await whisper(moor, atCave, "And munch'd, and munch'd, and munch'd.");
      atMoor = (await cave.isTold("And munch'd, and munch'd, and munch'd.")).attrs.from ?? "";
      expect(atMoor).toMatch(FULL_PROXY);
      expect(atMoor.split("/")[0]).toBe(hag66);
      expect(atMoor).not.toBe(atHeath);
      await whisper(cave, atMoor, "Aroint thee, witch!");
      await moor.isTold("Aroint thee, witch!");
      await calm(heath);
      expect(wasTold(heath, "Aroint thee, witch!")).toBe(false);
    });

    it("is nothing that the channel's other participants or its archive know of", async () => {
      await join(hecate, "hecate", "third witch", 1);
      await heath.says(CHANNEL, "In public.");
      for (const person of [hecate, cave]) await person.hears("In public.");
      expect((await hecate.archive(CHANNEL)).map(({ body }) => body)).toEqual(["In public."]);
      expect(hecate.told).toEqual([]);
    });

    it("is refused, from the address that was written to, by one who wants none, and otherwise where nobody is", async () => {
      await choose(heath, "Private Messages", "block");
      for (const to of [hag66, atHeath]) {
        const id = await whisper(cave, to, "Blocked.");
        expect(await refusal(cave, id)).toEqual({ from: to, condition: "not-allowed" });
      }
      const nobody = `0123456789abcdef#${CHANNEL}`;
      expect(await refusal(cave, await whisper(cave, nobody, "Nobody."))).toEqual({
        from: nobody,
        condition: "item-not-found",
      });
      await calm(heath, moor);
      for (const person of [heath, moor]) expect(wasTold(person, "Blocked.")).toBe(false);
      await choose(heath, "Private Messages", "allow");
    });

    it("is not for groups", async () => {
      const id = await whisper(cave, hag66, "To a group.", "groupchat");
      expect(await refusal(cave, id)).toEqual({ from: hag66, condition: "bad-request" });
    });

    it("lets a vCard be asked for, once its owner allows it, which then names no address", {
      tags: ["xmppjs-alone/vcard", "xmppjs-prosody/vcard", "xmppjs-ejabberd/vcard"],
    }, async () => {
      const card = xml(
        "vCard",
        { xmlns: "vcard-temp" },
        xml("FN", {}, "A witch"),
        xml("JABBERID", {}, `hag66@${DOMAIN}`),
      );
      await heath.asks("set", `hag66@${DOMAIN}`, card);
      const ask = () => cave.asks("get", hag66, xml("vCard", { xmlns: "vcard-temp" }));
      await expect(ask()).rejects.toMatchObject({ condition: "not-allowed" });
      await choose(heath, "vCard", "allow");
      const answer = await ask();
      expect(answer?.getChildText("FN")).toBe("A witch");
      expect(answer?.getChild("JABBERID")).toBeUndefined();
    });

    it("told no client a byte of the other's JID or resource", async () => {
      await calm(hecate, heath, moor, cave, den);
      await nobodyKnowsAnything();
    });

    it("comes back from the other's server, where she has him blocked, and tells no more than she would", async () => {
      const blocking = (verb: string) => xml(verb, { xmlns: "urn:xmpp:blocking" }, xml("item", { jid: crone1 }));
      for (const each of [heath, moor]) await each.asks("set", `hag66@${DOMAIN}`, blocking("block"));
      // Prosody is silent about those blocked who write to a client by name.
      const id = await whisper(cave, hag66, "Art thou there?");
      expect(await refusal(cave, id)).toEqual({ from: hag66, condition: "service-unavailable" });
      await calm(heath, moor);
      for (const person of [heath, moor]) expect(wasTold(person, "Art thou there?")).toBe(false);
      await heath.asks("set", `hag66@${DOMAIN}`, blocking("unblock"));
      await calm(cave, den);
      await nobodyKnowsAnything();
    });

    it("is kept by the other's server while he is away, and waits for any client of his", async () => {
      await heath.stop();
      await moor.stop();
      for (const to of [atHeath, hag66]) await whisper(cave, to, `Is anybody at ${to}?`);
      await calm(cave);
      heath = await login("hag66", "UUID-a1j/7535");
      for (const to of [atHeath, hag66]) {
        const message = await heath.isTold(`Is anybody at ${to}?`);
        expect(message.attrs.from).toBe(atCave);
      }
      await calm(cave, den, heath);
      await nobodyKnowsAnything();
    });

    it("shows the clients' own resources in a channel that shows JIDs, and no more once it hides them again", async () => {
      await become("jid-visible");
      await whisper(cave, hag66, "In the open.");
      expect((await heath.isTold("In the open.")).attrs.from).toBe(`${crone1}/UUID-c8y/1573`);
      await whisper(heath, `${crone1}/UUID-c8y/1573`, "Openly.");
      expect((await cave.isTold("Openly.")).attrs.from).toBe(`${hag66}/UUID-a1j/7535`);
      await become("jid-hidden");
      await whisper(cave, hag66, "In hiding.");
      expect((await heath.isTold("In hiding.")).attrs.from).toBe(atCave);
      const id = await whisper(heath, `${crone1}/UUID-c8y/1573`, "As before.");
      expect((await refusal(heath, id)).condition).toBe("item-not-found");
    });
  });
}

function form(type: string, name: string, value: string): Element {
  const field = (name: string, value: string) => xml("field", { var: name }, xml("value", {}, value));
  return xml("x", { xmlns: "jabber:x:data", type: "submit" }, field("FORM_TYPE", type), field(name, value));
}
