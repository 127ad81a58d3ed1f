import { xml } from "@xmpp/client";
import { beforeAll, expect, it } from "vitest";
import { CORE } from "../../core/channel/generation.ts";
import { NODE, NS } from "../../core/xmpp/ns.ts";
import type { Element } from "../../core/xmpp/xml.ts";
import { Ejabberd } from "./ejabberd.ts";
import { PamProsody, Prosody } from "./prosody.ts";
import { DOMAIN, SERVICE } from "./server.ts";
import type { Slixmpp, Told } from "./slixmpp.ts";
import { onRealServers } from "./world.ts";
import { PAM, type XmppJs } from "./xmpp-js.ts";

const CHANNEL = `coven@${SERVICE}`;
const NODES = [NODE.MESSAGES, NODE.PARTICIPANTS, NODE.PRESENCE, NODE.INFO];
const RETRACT = "urn:xmpp:message-retract:1";
const CRONE = `crone1@${DOMAIN}`;

// What the other stories do not show, for docs/clients.md: hecate uses slixmpp, the others @xmpp/client, in a channel that
// hides JIDs. One story: each `it` goes on where the one before ended. Prosody's users join straight from their clients,
// the others' by their server.
for (const make of [Prosody, PamProsody, Ejabberd]) {
  onRealServers(make, `slixmpp and @xmpp/client in one channel behind ${make.title}`, (world) => {
    let hecate: Slixmpp;
    let hag66: XmppJs;
    let crone1: XmppJs;
    /** What each is called in the channel, by nick. */
    let ids: ReadonlyMap<string, string>;

    beforeAll(async () => {
      [hecate, hag66, crone1] = await Promise.all([
        world().slixmpp("hecate", "garden"),
        world().xmppJs("hag66", "heath"),
        world().xmppJs("crone1", "cauldron"),
      ]);
      await hecate.does("create", SERVICE, "coven");
      await hecate.does(make === Prosody ? "join" : "client_join", CHANNEL, "third witch");
      await hecate.does("subscribe", CHANNEL, [NODE.PRESENCE], []);
    });

    const proxyOf = (nick: string) => `${ids.get(nick)}#${CHANNEL}`;

    async function join(person: XmppJs, nick: string, ...more: Element[]): Promise<void> {
      if (make !== Prosody) await person.joinsByServer(CHANNEL, nick, NODES, ...more);
      else await joinDirectly(person, nick, ...more);
    }

    async function joinDirectly(person: XmppJs, nick: string, ...more: Element[]): Promise<void> {
      const nodes = NODES.map((node) => xml("subscribe", { node }));
      await person.asks("set", CHANNEL, xml("join", { xmlns: CORE[1] }, nodes, xml("nick", {}, nick), ...more));
    }

    function form(formType: string, fields: Record<string, string>): Element {
      const all = Object.entries({ FORM_TYPE: formType, ...fields });
      return xml(
        "x",
        { xmlns: NS.DATA, type: "submit" },
        all.map(([name, value]) => xml("field", { var: name }, xml("value", {}, value))),
      );
    }

    async function publishes(person: XmppJs, node: string, item: Element): Promise<void> {
      await person.asks("set", CHANNEL, xml("pubsub", { xmlns: NS.PUBSUB }, xml("publish", { node }, item)));
    }

    /** Says it, and returns the channel's id of it once both have heard it. */
    async function speaks(person: XmppJs | Slixmpp, body: string): Promise<string> {
      await (person === hecate ? hecate.does("speak", CHANNEL, body) : hag66.says(CHANNEL, body));
      await Promise.all([hecate, hag66].map((each) => each.hears(body)));
      // Not by its stanza-id: a server with an archive of its own adds another, and slixmpp reads one of them.
      return hecate.heard.find((told) => told.body === body)?.id ?? "";
    }

    it("find the service, and create channels, which others find", {
      tags: [
        "slixmpp-alone/find",
        "slixmpp-prosody/find",
        "slixmpp-ejabberd/find",
        "slixmpp-alone/create",
        "slixmpp-prosody/create",
        "slixmpp-ejabberd/create",
        "xmppjs-alone/find",
        "xmppjs-prosody/find",
        "xmppjs-ejabberd/find",
        "xmppjs-alone/create",
        "xmppjs-prosody/create",
        "xmppjs-ejabberd/create",
      ],
    }, async () => {
      expect(await hecate.does("services", DOMAIN)).toContain(SERVICE);
      expect(await hecate.does("can_create", SERVICE)).toBe(true);
      const created = await hag66.asks("set", SERVICE, xml("create", { xmlns: CORE[1], channel: "heath" }));
      expect(created?.attrs.channel).toBe("heath");
      const channels = [CHANNEL, `heath@${SERVICE}`];
      expect((await hecate.does<string[]>("channels", SERVICE)).sort()).toEqual(channels);
      const items = await hag66.asks("get", SERVICE, xml("query", { xmlns: NS.DISCO_ITEMS }));
      expect(
        items
          ?.getChildren("item")
          .map(({ attrs }) => attrs.jid)
          .sort(),
      ).toEqual(channels);
    });

    it("join, and see each other by nick and ID", {
      tags: [
        "xmppjs-alone/join",
        "xmppjs-prosody/join",
        "xmppjs-ejabberd/join",
        "xmppjs-alone/participants",
        "xmppjs-prosody/participants",
        "xmppjs-ejabberd/participants",
      ],
    }, async () => {
      await join(hag66, "first witch");
      const participants = await hag66.participants(CHANNEL);
      ids = new Map(participants.map(({ id, nick }) => [nick, id]));
      expect([...ids.keys()].sort()).toEqual(["first witch", "third witch"]);
    });

    it("hear each other, and read it again", {
      tags: [
        "xmppjs-alone/talk",
        "xmppjs-prosody/talk",
        "xmppjs-ejabberd/talk",
        "xmppjs-alone/history",
        "xmppjs-prosody/history",
        "xmppjs-ejabberd/history",
      ],
    }, async () => {
      await speaks(hecate, "Double, double.");
      await speaks(hag66, "Toil and trouble.");
      for (const { bodies } of [hecate, hag66]) expect(bodies).toEqual(["Double, double.", "Toil and trouble."]);
      expect(await hag66.archive(CHANNEL)).toEqual(hag66.heard);
    });

    it("see who is online, without address or resource", {
      tags: [
        "slixmpp-alone/presence",
        "slixmpp-prosody/presence",
        "slixmpp-ejabberd/presence",
        "xmppjs-alone/presence",
        "xmppjs-prosody/presence",
        "xmppjs-ejabberd/presence",
      ],
    }, async () => {
      // A server with MIX-PAM tells the channel by itself.
      const to = make === Prosody ? CHANNEL : undefined;
      await hag66.sends(xml("presence", { to }, xml("show", {}, "dnd")));
      await hecate.notices('"show": "dnd", "nick": "first witch"');
      await hecate.does("show", "away", to ?? null);
      const isAway = (each: Element) => each.getChildText("show") === "away";
      await hag66.when(() => hag66.seen.some(isAway), "Seeing the third witch");
      expect(hag66.seen.find(isAway)?.attrs.from).toMatch(`${proxyOf("third witch")}/`);
      expect(hag66.seen.filter(isAway).join()).not.toMatch(/hecate|garden/);
    });

    it("write to each other alone", {
      tags: ["slixmpp-alone/private", "slixmpp-prosody/private", "slixmpp-ejabberd/private"],
    }, async () => {
      await hecate.does("whisper", proxyOf("first witch"), "Where the place?");
      const { attrs } = await hag66.isTold("Where the place?");
      await hag66.sends(xml("message", { to: attrs.from, type: "chat" }, xml("body", {}, "Upon the heath.")));
      await hecate.notices('"body": "Upon the heath."');
      expect(hecate.whispers.at(-1)?.from).toMatch(`${proxyOf("first witch")}/`);
    });

    it("read a vCard that its owner shows", {
      tags: [
        "slixmpp-alone/vcard",
        "slixmpp-prosody/vcard",
        "slixmpp-ejabberd/vcard",
        "xmppjs-alone/preferences",
        "xmppjs-prosody/preferences",
        "xmppjs-ejabberd/preferences",
      ],
    }, async () => {
      await hag66.asks("set", hag66.account, xml("vCard", { xmlns: "vcard-temp" }, xml("FN", {}, "A witch")));
      expect(await hecate.isRefused("vcard", proxyOf("first witch"))).toMatchObject({ condition: "not-allowed" });
      const preference = xml("user-preference", { xmlns: NS.MIX_ANON }, form(NS.MIX_ANON, { vCard: "allow" }));
      await hag66.asks("set", CHANNEL, preference);
      expect(await hecate.does("vcard", proxyOf("first witch"))).toBe("A witch");
    });

    it("configure the channel, which may have several owners", {
      tags: ["slixmpp-alone/configure", "slixmpp-prosody/configure", "slixmpp-ejabberd/configure"],
    }, async () => {
      const owners = [`hecate@${DOMAIN}`, `hag66@${DOMAIN}`];
      await hecate.does("configure", CHANNEL, { Owner: owners, "User Message Retraction": "true" });
      const affiliations = xml("pubsub", { xmlns: NS.PUBSUB }, xml("affiliations"));
      const mine = (await hag66.asks("get", CHANNEL, affiliations))
        ?.getChild("affiliations")
        ?.getChildren("affiliation");
      expect(mine?.find(({ attrs }) => attrs.node === NODE.CONFIG)?.attrs.affiliation).toBe("owner");
    });

    it("configure it by stanzas made by hand, and say what it is about", {
      tags: [
        "xmppjs-alone/configure",
        "xmppjs-prosody/configure",
        "xmppjs-ejabberd/configure",
        "xmppjs-alone/info",
        "xmppjs-prosody/info",
        "xmppjs-ejabberd/info",
        "slixmpp-alone/info",
        "slixmpp-prosody/info",
        "slixmpp-ejabberd/info",
      ],
    }, async () => {
      const invitations = { "Participation Addition by Invitation from Participant": "true" };
      await publishes(hag66, NODE.CONFIG, xml("item", {}, form(NS.MIX_ADMIN, invitations)));
      await publishes(hag66, NODE.INFO, xml("item", {}, form(CORE[1], { Name: "The Coven" })));
      await hecate.notices('"The Coven"');
      expect(await hecate.does("info", CHANNEL)).toMatchObject({ Name: "The Coven" });
      await hecate.does("name", CHANNEL, "Her coven");
      await hecate.notices('"Her coven"');
    });

    it("take back what they said: the archive forgets it", {
      tags: [
        "slixmpp-alone/retract",
        "slixmpp-prosody/retract",
        "slixmpp-ejabberd/retract",
        "xmppjs-alone/retract",
        "xmppjs-prosody/retract",
        "xmppjs-ejabberd/retract",
      ],
    }, async () => {
      const ofHers = await speaks(hag66, "I did not mean this.");
      const ofHecate = await speaks(hecate, "Nor I that.");
      const retract = xml("retract", { xmlns: RETRACT, id: ofHers });
      await hag66.sends(xml("message", { to: CHANNEL, type: "groupchat", id: "r1" }, retract));
      await hecate.does("retract", CHANNEL, ofHecate);
      const ofAnybody = await speaks(hag66, "Fair is foul.");
      await hecate.does("moderate", CHANNEL, ofAnybody, "It is fair.");
      await hecate.does("ping", CHANNEL);
      // It knows the spelling before 2023 only.
      expect(hecate.retracted).toEqual([]);
      const archive = (await hecate.does<Told[]>("archive", CHANNEL, 50)).map(({ body }) => body);
      for (const gone of ["I did not mean this.", "Nor I that.", "Fair is foul."]) expect(archive).not.toContain(gone);
      expect(archive.slice(0, 2)).toEqual(["Double, double.", "Toil and trouble."]);
    });

    it("invite somebody into a channel for few; ejabberd loses the invitation, but a client's own join has it", {
      tags: ["xmppjs-alone/invite", "xmppjs-prosody/invite", "xmppjs-ejabberd/invite"],
    }, async () => {
      for (const name of ["hecate", "hag66"]) await hecate.does("publish", CHANNEL, NODE.ALLOWED, `${name}@${DOMAIN}`);
      await expect(join(crone1, "second witch")).rejects.toMatchObject({ condition: "item-not-found" });
      const invite = xml("invite", { xmlns: NS.MIX_MISC }, xml("invitee", {}, CRONE));
      const invitation = (await hag66.asks("get", CHANNEL, invite))?.getChild("invitation") as Element;
      const joining = join(crone1, "second witch", invitation);
      if (make === Ejabberd) await expect(joining).rejects.toMatchObject({ condition: "item-not-found" });
      await (make === Ejabberd ? joinDirectly(crone1, "second witch", invitation) : joining);
      expect(await crone1.participants(CHANNEL)).toHaveLength(3);
    });

    it("ban somebody by the ID, which is all one sees, and she is told", {
      tags: [
        "slixmpp-alone/ban",
        "slixmpp-prosody/ban",
        "slixmpp-ejabberd/ban",
        "xmppjs-alone/ban",
        "xmppjs-prosody/ban",
        "xmppjs-ejabberd/ban",
      ],
    }, async () => {
      const id = (await hag66.participants(CHANNEL)).find(({ nick }) => nick === "second witch")?.id ?? "";
      await hecate.does("publish", CHANNEL, NODE.BANNED, id);
      await crone1.isTold("You have been banned from this channel.");
      await expect(join(crone1, "second witch")).rejects.toMatchObject({ condition: "item-not-found" });
      const retract = xml("retract", { node: NODE.BANNED }, xml("item", { id: CRONE }));
      await hag66.asks("set", CHANNEL, xml("pubsub", { xmlns: NS.PUBSUB }, retract));
      await publishes(hag66, NODE.BANNED, xml("item", { id: CRONE }));
    });

    it("change their nicks, leave, and destroy the channel", {
      tags: [
        "xmppjs-alone/nick",
        "xmppjs-prosody/nick",
        "xmppjs-ejabberd/nick",
        "xmppjs-alone/leave",
        "xmppjs-prosody/leave",
        "xmppjs-ejabberd/leave",
        "xmppjs-alone/destroy",
        "xmppjs-prosody/destroy",
        "xmppjs-ejabberd/destroy",
        "slixmpp-alone/nick",
        "slixmpp-prosody/nick",
        "slixmpp-ejabberd/nick",
        "slixmpp-prosody/destroy",
        "slixmpp-ejabberd/destroy",
      ],
    }, async () => {
      await hag66.asks("set", CHANNEL, xml("setnick", { xmlns: CORE[1] }, xml("nick", {}, "fourth witch")));
      await hecate.notices('"nick": "fourth witch"');
      expect(await hecate.does("nick", CHANNEL, "queen of witches")).toBe("queen of witches");
      const leave = xml("leave", { xmlns: CORE[1] });
      if (make === Prosody) await hag66.asks("set", CHANNEL, leave);
      else
        await hag66.sends(
          xml(
            "iq",
            { type: "set", to: hag66.account, id: "leaving" },
            xml("client-leave", { xmlns: PAM, channel: CHANNEL }, leave),
          ),
        );
      await hecate.notices('"gone": true');
      expect(await hecate.isRefused("destroy", CHANNEL)).toMatchObject({ condition: "bad-request" });
      await hag66.asks("set", SERVICE, xml("destroy", { xmlns: CORE[1], channel: "coven" }));
      expect(await hecate.isRefused("participants", CHANNEL)).toMatchObject({ condition: "item-not-found" });
    });
  });
}
