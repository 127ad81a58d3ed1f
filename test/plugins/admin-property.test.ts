import fc from "fast-check";
import { Channels, NODE } from "masque";
import { testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { bundled } from "../../plugins/index.ts";
import { type Fields, outcome, publishes, reads, sheet } from "../core/channel/replies.ts";

const ALL = Object.fromEntries(bundled.map(({ name }) => [name, {}]));
const HECATE = "hecate@shakespeare.example";
const jid = (name: string) => `${name}@shakespeare.example`;

/** Whatever the one who acts as the owner leaves out or gets wrong, hecate stays one: then he can go on. */
const owners = fc.subarray(["crone1", "hag66", "macbeth"]).map((names) => [HECATE, ...names.map(jid)]);
const role = fc.constantFrom("participants", "allowed", "admins", "owners", "nobody", "anyone", "onwers", "witches");
const FIELDS: Record<string, fc.Arbitrary<readonly string[]>> = {
  Owner: fc.oneof(owners, owners, fc.constant([]), fc.constant(["@"])),
  Administrator: fc.subarray([jid("crone1"), jid("hag66"), "@"]),
  "Messages Node Subscription": role.map((each) => [each]),
  "Participants Node Subscription": role.map((each) => [each]),
  "Configuration Node Access": role.map((each) => [each]),
  "Information Node Update Rights": fc.oneof(
    role.map((each) => [each]),
    fc.constant(["admins", "owners"]),
  ),
  "Nodes Present": fc.subarray(["participants", "presence", "information", "jidmap-visible", "cauldron"]),
  "Mandatory Nicks": fc.constantFrom(["true"], ["0"], ["perhaps"], []),
  "Last Change Made By": fc.constant([jid("macbeth")]),
  "Never Heard Of": fc.array(fc.string()),
};
const anyForm = fc.record(FIELDS, { requiredKeys: [] }).map((form) => form as Fields);

describe("whatever is published to the configuration (XEP-0406 §3.2)", () => {
  it("is applied as a whole or not at all, keeps what is not sent, and leaves an owner", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyForm, { minLength: 1, maxLength: 6 }), async (forms) => {
        const host = testHost([], { plugins: ALL });
        const { hecate } = await host.coven("hecate", "hag66");
        for (const form of forms) {
          const before = await sheet(hecate, NODE.CONFIG);
          const reply = await publishes(hecate, NODE.CONFIG, form);
          const after = await sheet(hecate, NODE.CONFIG);
          expect(["result", "not-acceptable"]).toContain(outcome(reply));
          if (outcome(reply) !== "result") expect(after).toEqual(before);
          else expect(after.id > before.id).toBe(true);
          for (const [name, values] of Object.entries(before.values))
            if (!Object.hasOwn(form, name)) expect(after.values[name], name).toEqual(values);
          expect(after.values["Last Change Made By"]).toEqual([HECATE]);
          expect(after.values).not.toHaveProperty("Never Heard Of");
          expect(after.values.Owner!.length).toBeGreaterThan(0);
        }
        await host.stop();
      }),
      { numRuns: 12 },
    );
  });

  it("can be sent back as it was read, and means the same; also what was accepted can", async () => {
    await fc.assert(
      fc.asyncProperty(anyForm, async (form) => {
        const host = testHost([], { plugins: ALL });
        const { hecate } = await host.coven("hecate");
        await publishes(hecate, NODE.CONFIG, form);
        const { values } = await sheet(hecate, NODE.CONFIG);
        expect(outcome(await publishes(hecate, NODE.CONFIG, values))).toBe("result");
        expect((await sheet(hecate, NODE.CONFIG)).values).toEqual(values);
        await host.stop();
      }),
      { numRuns: 12 },
    );
  });

  it("never gives anybody a right that one above him lacks, but for those who say so themselves", async () => {
    await fc.assert(
      fc.asyncProperty(anyForm, async (form) => {
        const host = testHost([], { plugins: ALL });
        const { hecate } = await host.coven("hecate", "crone1", "hag66");
        const { Owner: _, ...others } = form;
        await publishes(hecate, NODE.CONFIG, { ...others, Administrator: [jid("crone1")] });
        const channels = host.use(Channels);
        const coven = (await channels.find("coven"))!;
        for (const node of channels.nodes(coven))
          for (const verb of ["read", "subscribe", "publish"] as const) {
            const may = ["hecate", "crone1", "hag66", "macbeth"].map((name) =>
              channels.mayNode(jid(name), coven, node, verb),
            );
            const rights = await Promise.all(may);
            expect(rights, `${verb} ${node}`).toEqual([...rights].sort().reverse());
          }
        expect(outcome(await reads(hecate, NODE.CONFIG))).toBe("result");
        await host.stop();
      }),
      { numRuns: 15 },
    );
  });
});
