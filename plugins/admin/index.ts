import { Channels, definePlugin, iq, NODE } from "masque";

/** The configuration node is written to (XEP-0406 §3.2). */
export default definePlugin({
  name: "admin",
  summary: "Owners change a channel's configuration.",

  setup({ handle, get }) {
    const channels = get(Channels);
    handle(iq.set("node", NODE.CONFIG, "publish"), ({ channel, payload, from }) =>
      channels.publish("config", channel, payload, from.bare),
    );
  },
});
