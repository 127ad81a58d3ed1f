import { type Channel, type Channels, NODE } from "masque";

/** The nodes a channel may be without, and those no channel is without but that are listed all the same, by XEP-0406's words. */
const NODES = {
  participants: [NODE.PARTICIPANTS],
  presence: [NODE.PRESENCE],
  information: [NODE.INFO],
  allowed: [NODE.ALLOWED],
  banned: [NODE.BANNED],
  "jidmap-visible": [NODE.JIDMAP],
  avatar: [NODE.AVATAR_DATA, NODE.AVATAR_METADATA],
} as const;
type Word = keyof typeof NODES;

const LABELS: Readonly<Record<Word, string>> = {
  participants: "Who is in the channel",
  presence: "Who is online",
  information: "The channel's name and description",
  allowed: "Who is allowed to join",
  banned: "Who is banned",
  "jidmap-visible": "Which participant is which JID",
  avatar: "The channel's picture",
};

/** XEP-0369 §3.6.3: "The participants node is MANDATORY"; XEP-0406 §2.4: "Jidmap node MUST be present" with it. */
const MANDATORY: readonly Word[] = ["participants", "jidmap-visible"];

/** The field "Nodes Present" (XEP-0406 §2.4), which adds and removes nodes. */
export function addPresent(channels: Channels): void {
  const words = Object.keys(NODES) as Word[];
  const offered = () => words.filter((word) => NODES[word].some((node) => channels.nodes().includes(node)));
  const has = (channel: Channel, word: Word) => NODES[word].some((node) => channels.nodes(channel).includes(node));

  channels.field("Nodes Present", {
    type: "list-multi",
    label: "Nodes of the channel",
    initial: [],
    get choices() {
      return Object.fromEntries(offered().map((word) => [word, LABELS[word]]));
    },
    read: (channel) => offered().filter((word) => has(channel, word)),
    objection(values) {
      const missing = MANDATORY.filter((word) => offered().includes(word) && !values.includes(word));
      if (missing.length === 0) return undefined;
      return `"Nodes Present" must hold ${missing.map((word) => `"${word}"`).join(" and ")}: no channel is without.`;
    },
    changed(turn, values, channel) {
      for (const word of offered()) {
        if (values.includes(word) === has(channel, word)) continue;
        for (const node of NODES[word]) channels[values.includes(word) ? "addNode" : "removeNode"](turn, channel, node);
      }
      return () => {};
    },
  });
}
