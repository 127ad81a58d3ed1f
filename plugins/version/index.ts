import { About, definePlugin, iq, NS, xml } from "masque";

/** Software Version (XEP-0092), without the operating system: nobody needs it but an attacker. */
export default definePlugin({
  name: "version",
  summary: "Tells those who ask which software this is, and its version.",

  setup({ handle, get, feature }) {
    const { version } = get(About);
    feature(NS.VERSION, "service");
    handle(iq.get("service", NS.VERSION, "query"), () =>
      xml("query", { xmlns: NS.VERSION }, xml("name", {}, "Masque"), xml("version", {}, version)),
    );
  },
});
