import { CORE, generationOf, handleOf, MIX_NAMESPACES, proxyJid } from "masque";
import { describe, expect, it } from "vitest";

const COVEN = "coven@mix.shakespeare.example";

describe("the generations of MIX", () => {
  it("are those of MIX-CORE 0.11 and 0.14, by namespace", () => {
    expect(CORE.map(generationOf)).toEqual([0, 1]);
  });

  it("are left open by MIX-ANON and MIX-MISC, and by nothing at all", () => {
    const open = MIX_NAMESPACES.filter((namespace) => generationOf(namespace) === undefined);
    expect(open).toEqual(["urn:xmpp:mix:anon:0", "urn:xmpp:mix:misc:0"]);
    expect(generationOf(undefined)).toBeUndefined();
    expect(generationOf("urn:xmpp:mix:core:2")).toBeUndefined();
  });

  it("name a participant by proxy JID in 0 and by Stable Participant ID in 1", () => {
    expect(handleOf(0, "123456", COVEN)).toBe("123456#coven@mix.shakespeare.example");
    expect(handleOf(1, "123456", COVEN)).toBe("123456");
  });

  it("share one address for a participant", () => {
    expect(proxyJid("123456", COVEN)).toBe("123456#coven@mix.shakespeare.example");
  });
});
