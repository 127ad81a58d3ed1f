import { Channels, definePlugin, iq, NODE } from "masque";

/** The configuration node is written to, and names administrators (XEP-0406 §2.1, §3.2). */
export default definePlugin({
  name: "admin",
  summary: "Owners change a channel's configuration, and name administrators.",

  setup({ handle, get }) {
    const channels = get(Channels);
    const administrators = channels.field("Administrator", { type: "jid-multi", label: "Administrators", initial: [] });
    channels.administrators(administrators.of);

    handle(iq.set("node", NODE.CONFIG, "publish"), ({ channel, payload, from }) =>
      channels.publish("config", channel, payload, from.bare),
    );
  },
});
