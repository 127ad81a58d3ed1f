import { definePlugin, iq, NS } from "masque";

/** XMPP Ping (XEP-0199). */
export default definePlugin({
  name: "ping",
  summary: "The service and its channels answer pings.",

  setup({ handle, feature }) {
    feature(NS.PING, "both");
    handle(iq.get("service", NS.PING, "ping"), () => true);
    handle(iq.get("channel", NS.PING, "ping"), () => true);
  },
});
