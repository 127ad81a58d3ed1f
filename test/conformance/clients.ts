/** What somebody does with a client. */
export const DEEDS = {
  find: "finds the service and its channels",
  create: "creates a channel",
  join: "joins",
  talk: "speaks, and hears each message once",
  several: "is reached on several clients of one account",
  history: "reads what was said before",
  nick: "changes the nick",
  participants: "sees who is in the channel",
  info: "reads and changes what the channel is about",
  presence: "sees who is online",
  preferences: "chooses whether the own address is shown",
  private: "writes to one participant alone",
  vcard: "reads a participant's vCard",
  configure: "changes the configuration",
  ban: "bans somebody",
  invite: "invites somebody",
  retract: "takes back what was said",
  leave: "leaves",
  destroy: "destroys the channel",
} as const;

/** With which client, behind which server. */
export const CLIENTS = {
  "slixmpp-alone": "slixmpp, without MIX-PAM",
  "slixmpp-prosody": "slixmpp, Prosody",
  "slixmpp-ejabberd": "slixmpp, ejabberd",
  "xmppjs-alone": "@xmpp/client, without MIX-PAM",
  "xmppjs-prosody": "@xmpp/client, Prosody",
  "xmppjs-ejabberd": "@xmpp/client, ejabberd",
  qxmpp: "QXmpp, Kaidan",
  martin: "Martin, Siskin",
  halcyon: "Halcyon",
} as const;

export type Deed = keyof typeof DEEDS;
export type Client = keyof typeof CLIENTS;

/** The tags that a test may have, for it to show that a client can do a thing, or what keeps it from it. */
export type ClientTag = `${Client}/${Deed}`;

/** All of them, deed by deed. */
export const CLIENT_TAGS = Object.keys(DEEDS).flatMap((deed) =>
  Object.keys(CLIENTS).map((client) => `${client}/${deed}` as ClientTag),
);

export interface Remark {
  readonly of: readonly ClientTag[];
  /** What their tests show. */
  readonly works: "partly" | "no";
  /** Sentences. */
  readonly why: string;
}

/** What there is to say of what works in part, or not at all. */
export const REMARKS: readonly Remark[] = [
  {
    of: ["slixmpp-ejabberd/join", "xmppjs-ejabberd/join"],
    works: "partly",
    why: "ejabberd answers in the namespace of MIX-CORE instead of MIX-PAM: slixmpp takes every node for refused, though none was. It answers nothing while Masque is not connected. With `validate_stream: true` it refuses slixmpp's direct join.",
  },
  {
    of: ["slixmpp-alone/several", "xmppjs-alone/several"],
    works: "partly",
    why: "A client is written to from when the channel has heard of it: by anything that it sends there.",
  },
  {
    of: ["slixmpp-alone/preferences", "slixmpp-prosody/preferences", "slixmpp-ejabberd/preferences"],
    works: "partly",
    why: "slixmpp's `set_preferences` loses its form on the way: nothing changes. The same stanzas with the form in its place work.",
  },
  {
    of: ["xmppjs-ejabberd/preferences"],
    works: "partly",
    why: "ejabberd loses those that come in a join: they are to be set right after it.",
  },
  {
    of: ["martin/ban"],
    works: "partly",
    why: "By JID only: in a channel that hides JIDs, Siskin offers nobody to ban. Any client that can ban by the participant's ID does.",
  },
  {
    of: ["xmppjs-ejabberd/invite"],
    works: "partly",
    why: "ejabberd loses an invitation that comes in a join by MIX-PAM: the client is to join with it by itself.",
  },
  {
    of: ["halcyon/invite"],
    works: "partly",
    why: "It writes the invitation itself, without the channel's token: it opens no channel that is for few.",
  },
  {
    of: ["slixmpp-alone/retract", "slixmpp-prosody/retract", "slixmpp-ejabberd/retract"],
    works: "partly",
    why: "slixmpp takes back, and moderates, in the spelling before 2023, which is understood. That others did is told in today's, which it does not know.",
  },
  {
    of: ["martin/retract"],
    works: "no",
    why: "Siskin names the message by its own id instead of the channel's: `item-not-found`, and nothing is taken back.",
  },
  {
    of: ["slixmpp-ejabberd/leave", "xmppjs-ejabberd/leave"],
    works: "partly",
    why: "It leaves, but ejabberd never answers, unless it has `validate_stream: true`.",
  },
  {
    of: ["slixmpp-alone/destroy", "slixmpp-prosody/destroy", "slixmpp-ejabberd/destroy"],
    works: "no",
    why: "slixmpp sends an iq without content, and is told `bad-request`; nothing is destroyed. The request made by hand works.",
  },
];

declare module "vitest" {
  interface TestTags {
    clients: ClientTag;
  }
}
