import { duration, size, z } from "masque";

const count = z.int().min(1);

/** What an operator may set. */
export const options = z.strictObject({
  exempt: z
    .array(z.string())
    .default(["operators"])
    .describe('Who is not limited: "operators", or domains and bare JIDs, such as a bridge\'s'),

  sender_burst: count
    .default(1000)
    .describe("How many stanzas a sender may send at once; a large one counts once for every 8 KiB"),
  sender_rate: z.number().positive().default(50).describe("How many stanzas a second a sender may send after that"),
  delay: duration
    .prefault("2 s")
    .describe("How long a sender who sends more is made to wait, before what he sends is refused"),
  delayed: z
    .int()
    .min(0)
    .default(2000)
    .describe("How many stanzas may be waiting so, of all senders; further ones are refused at once"),
  channel_burst: count.default(5000).describe("How many messages a channel takes at once, from all its participants"),
  channel_rate: z
    .number()
    .positive()
    .default(200)
    .describe("How many messages a second a channel takes after that; further ones are refused"),

  stanza: size.prefault("256 KiB").describe("The largest stanza that is taken"),
  body: size.prefault("64 KiB").describe("The longest body of a message"),
  nick: size.prefault("256 B").describe("The longest nick; MIX allows no more than 1023 B"),
  form: size.prefault("64 KiB").describe("The largest form that may be sent in"),
  elements: count.default(10_000).describe("How many elements a stanza may have"),
  depth: count
    .default(32)
    .describe("How deep the elements of a stanza may be nested; 128 is the most that can be read"),

  channels: count.default(100).describe("How many channels of his making one user may have"),
  ad_hoc: count.default(20).describe("How many channels without a name of their own one user may create in an hour"),
  participants: count.default(10_000).describe("How many participants a channel may have"),
  items: z
    .int()
    .min(2)
    .default(1000)
    .describe("How many items one node of a channel may hold, such as the list of the banned"),
});
