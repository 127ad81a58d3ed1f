import {
  Channels,
  definePlugin,
  type Element,
  iq,
  NODE,
  type NodeIq,
  published,
  publishedItem,
  refuse,
  serialize,
  size,
  type Turn,
  xml,
  z,
} from "masque";
import { addPicture, avatarOf, isShown, removePicture, show } from "./avatar.ts";
import { metadataItem, readMetadata } from "./metadata.ts";
import { readPicture, TYPES } from "./picture.ts";

const { AVATAR_DATA: DATA, AVATAR_METADATA: METADATA } = NODE;

/** A channel has a picture (XEP-0407 §"Avatar Publishing", XEP-0084). */
export default definePlugin({
  name: "avatar",
  summary: "Channels have a picture, which those who manage them publish and everybody who may join sees.",
  options: z.strictObject({
    largest: size.prefault("64 KiB").describe("How large a picture may be"),
    types: z.array(z.enum(TYPES)).min(1).default(TYPES).describe("The types of pictures that are taken"),
  }),

  setup({ options, handle, get, feature }) {
    const channels = get(Channels);
    for (const node of [DATA, METADATA]) feature(node, "channel");

    channels.node({
      name: DATA,
      read: "anyone",
      subscribe: "participants",
      publish: "admins",
      stored: async (channel) =>
        (await channel.items(DATA)).map(({ id, payload }) =>
          xml("item", { id }, xml("data", { xmlns: DATA }, payload)),
        ),
    });
    channels.node({
      name: METADATA,
      read: "anyone",
      subscribe: "participants",
      publish: "admins",
      *items(channel) {
        const { metadata } = avatarOf(channel);
        if (metadata) yield metadataItem(metadata);
      },
    });

    /** The right to change the node may go while one waits for his turn. */
    const change = <T>({ channel, node, from }: NodeIq, make: (turn: Turn) => T) =>
      channel.update(async (turn) => {
        if (!(await channels.mayNode(from.bare, channel, node, "publish")))
          throw refuse("forbidden", "You may not change this node.");
        return make(turn);
      });

    handle(iq.set("node", DATA, "publish"), async (request): Promise<Element> => {
      const { channel, payload } = request;
      const { picture, text } = readPicture(publishedItem(payload), options.largest, options.types);
      await change(request, (turn) => {
        addPicture(turn, channel, picture, text);
        // Not the picture itself: nobody wants it who has not read what it is.
        turn.after(() => channel.tell(DATA, () => `<item id='${picture.id}'/>`));
      });
      return published(DATA, picture.id);
    });

    handle(iq.set("node", METADATA, "publish"), async (request) => {
      const { channel, payload } = request;
      const item = publishedItem(payload);
      const metadata = await change(request, (turn) => {
        const metadata = readMetadata(item, avatarOf(turn).pictures);
        turn.after(() => channel.tell(METADATA, () => serialize(metadataItem(metadata))));
        show(turn, channel, metadata);
        return metadata;
      });
      return published(METADATA, metadata.id);
    });

    handle(iq.set("node", DATA, "retract"), async (request) => {
      const { channel, payload } = request;
      const id = retractedId(payload);
      await change(request, (turn) => {
        const { pictures, metadata } = avatarOf(turn);
        if (pictures.every((picture) => picture.id !== id)) throw refuse("item-not-found");
        if (isShown(id, metadata)) throw refuse("conflict", "This picture is shown: change the metadata first.");
        removePicture(turn, channel, id);
      });
      return true as const;
    });

    handle(iq.set("node", METADATA, "retract"), async (request) => {
      const { channel, payload } = request;
      const id = retractedId(payload);
      await change(request, (turn) => {
        if (avatarOf(turn).metadata?.id !== id) throw refuse("item-not-found");
        turn.after(() => channel.tell(METADATA, () => `<retract id='${id}'/>`));
        show(turn, channel, undefined);
      });
      return true as const;
    });
  },
});

function retractedId(retract: Element): string {
  const id = retract.getChild("item")?.attrs.id;
  if (!id) throw refuse("bad-request", "Say which item is to go: <item id='…'/>.");
  return id;
}
