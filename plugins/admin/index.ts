import { Channels, definePlugin, iq, NODE, NS } from "masque";
import { affiliationsOf } from "./affiliations.ts";
import { addCommand } from "./command.ts";
import { addPresent } from "./present.ts";
import { addRights } from "./rights.ts";

/** The configuration node is written to: administrators, who may do what with which node, and which there are (XEP-0406). */
export default definePlugin({
  name: "admin",
  summary: "Owners change a channel's configuration: its administrators, its nodes, and who may see and change them.",

  setup(ctx) {
    const { handle, get, on } = ctx;
    addCommand(ctx);
    const channels = get(Channels);
    const administrators = channels.field("Administrator", { type: "jid-multi", label: "Administrators", initial: [] });
    channels.administrators(administrators.of);
    addPresent(channels);
    const rights = addRights(channels);

    handle(iq.set("node", NODE.CONFIG, "publish"), ({ channel, payload, from }) =>
      channels.publish("config", channel, payload, from.bare),
    );
    handle(iq.get("channel", NS.PUBSUB, "affiliations"), (request) => affiliationsOf(channels, request));

    // Who was promised that not everybody sees something must not find it open because this plugin is off.
    on("channel/turned", ({ channel, turn, state, sequel }) => {
      if (turn.state === state) return;
      const { requires } = sequel.state;
      const others = requires.filter((name) => name !== "admin");
      const needed = rights.areNarrowedIn(channel) ? [...others, "admin"] : others;
      if (needed.length !== requires.length) sequel.amend({ requires: needed });
    });
  },
});
