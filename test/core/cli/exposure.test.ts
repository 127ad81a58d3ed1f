import { describe, expect, it } from "vitest";
import { exposure } from "../../../core/cli/exposure.ts";

describe("the link to the server", () => {
  it.each(["127.0.0.1", "localhost", "::1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "fd12::1"])(
    "is private at %s",
    (host) => expect(exposure(host)).toBeUndefined(),
  );

  it.each(["192.0.2.1", "172.32.0.1", "2001:db8::1", "xmpp.shakespeare.example"])("may be overheard at %s", (host) =>
    expect(exposure(host)).toContain(`The link to ${host} is not encrypted`),
  );
});
