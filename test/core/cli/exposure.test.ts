import { describe, expect, it } from "vitest";
import { exposures } from "../../../core/cli/exposure.ts";
import { Secret } from "../../../core/host/options.ts";

const SECRET = new Secret("toil and trouble");
const component = (host: string) => ({ domain: "mix.shakespeare.example", host, port: 5347, secret: SECRET });

describe("a link that is not encrypted", () => {
  it.each(["127.0.0.1", "localhost", "10.1.2.3", "192.168.0.7", "172.16.0.1", "::1", "fd12::1"])(
    "may go to %s",
    (host) => {
      const place = host.includes(":") ? `[${host}]:5348` : `${host}:5348`;
      const cluster = { listen: place, address: place, streams: 12 };
      expect(exposures({ component: component(host), cluster })).toEqual([]);
    },
  );

  it.each(["192.0.2.1", "172.32.0.1", "2001:db8::1", "xmpp.shakespeare.example"])("is warned of to %s", (host) => {
    expect(exposures({ component: component(host), cluster: undefined })).toEqual([expect.stringContaining(host)]);
  });

  it("is warned of between processes, too", () => {
    const cluster = { listen: "127.0.0.1:5348", address: "192.0.2.1:5348", streams: 12 };
    expect(exposures({ component: component("127.0.0.1"), cluster })).toEqual([
      expect.stringContaining("other processes at 192.0.2.1:5348"),
    ]);
  });
});
