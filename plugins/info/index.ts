import { Channels, definePlugin, iq, NODE } from "masque";

/** The information node is written to (XEP-0369 §3.6.4, XEP-0406 §3.1). */
export default definePlugin({
  name: "info",
  summary: "Owners change a channel's name, description and contact.",

  setup({ handle, get }) {
    const channels = get(Channels);
    handle(iq.set("node", NODE.INFO, "publish"), ({ channel, payload, from }) =>
      channels.publish("info", channel, payload, from.bare),
    );
  },
});
