import { NODE } from "masque";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeWithPostgres, Postgres } from "../storage/postgres.ts";
import { Crew } from "./crew.ts";

const COVEN = "coven@mix.shakespeare.example";

describeWithPostgres("several processes that serve one domain", () => {
  let server: Postgres;
  let crew: Crew;
  beforeAll(async () => {
    server = await Postgres.start();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    crew = new Crew(server.url());
    await crew.join();
    await crew.join();
  });
  afterEach(() => crew.close());

  it("serves a channel by one of them, whichever a stanza comes to", async () => {
    const [hecate, hag66] = [crew.actor("hecate"), crew.actor("hag66")];
    await hecate.creates("coven");
    await hecate.joins();
    await hag66.joins();
    for (let i = 0; i < 20; i++) await hag66.says(`double ${i}`);
    expect(hecate.heard()).toEqual(Array.from({ length: 20 }, (_, i) => `double ${i}`));
    expect(crew.holders("coven")).toEqual([crew.at(COVEN)]);
  });
});
