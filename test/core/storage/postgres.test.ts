import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exported } from "../../../core/storage/moving/export.ts";
import { openToRead } from "../../../core/storage/moving/open.ts";
import { STAYING } from "../../../core/storage/moving/tables.ts";
import { openStore } from "../../../core/storage/open.ts";
import { migrate, NOW } from "../../../core/storage/postgres/migrations.ts";
import { openPostgres } from "../../../core/storage/postgres/open.ts";
import { Session } from "../../../core/storage/postgres/session.ts";
import { reason } from "../../../core/storage/postgres/trouble.ts";
import type { Store } from "../../../core/storage/store.ts";
import { NODE } from "../../../core/xmpp/ns.ts";
import { freePorts } from "../../servers/server.ts";
import { archived } from "./archived.ts";
import { exportOf, fill, laden, said } from "./cargo.ts";
import { expectCoven } from "./coven.ts";
import { CuttingProxy } from "./cutting-proxy.ts";
import { folder } from "./folder.ts";
import { PASSWORD, Postgres } from "./postgres.ts";
import { describeStore } from "./store.behaviour.ts";
import { describeWithPostgres } from "./with-postgres.ts";

const SCRIBE = fileURLToPath(new URL("./scribe.ts", import.meta.url));

describeWithPostgres("PostgreSQL", () => {
  const home = folder();
  let server: Postgres;
  beforeAll(async () => {
    server = await Postgres.start();
  });
  afterAll(() => server?.stop());

  describeStore("as a store", () => openPostgres(server.url()), 0.3);

  describe("opening it", () => {
    it("finds again what was stored, and goes on where an archive ended", async () => {
      const url = server.url();
      for (const id of ["a", "b", "c"]) {
        const store = await openPostgres(url);
        await store.create({ name: "coven", created: 1, listed: true, state: "{}" });
        const { key } = (await store.channel("coven"))!.channel;
        await store.put([said(key, id)]);
        const page = await store.history({ channel: key, node: NODE.MESSAGES, before: "", max: 1 });
        expect(page).toMatchObject({ messages: [{ id }], index: "abc".indexOf(id) });
        await store.close();
      }
    });

    it("finds the same over its Unix socket", async () => {
      const first = await openPostgres(server.url("socket"));
      const coven = await found(first);
      await first.close();
      const second = await openPostgres(server.socketUrl("socket"));
      expect((await second.channel("coven"))?.channel.key).toBe(coven);
      await second.close();
    });

    it("lets one store have a database, and the next one when it is done", async () => {
      const url = server.url();
      const first = await openPostgres(url);
      await expect(openPostgres(url)).rejects.toThrow("Another Masque is using it");
      await first.close();
      await (await openPostgres(url)).close();
    });

    it("leaves the database of another program, and of a newer Masque, alone", async () => {
      const other = server.url("prosody");
      server.sql("create table prosody.prosody (host text)");
      await expect(openPostgres(other)).rejects.toThrow("It belongs to another program");
      const newer = server.url("newer");
      await (await openPostgres(newer)).close();
      server.sql("update newer.masque set schema = 7");
      await expect(openPostgres(newer)).rejects.toThrow("made by a newer Masque (schema 7, this one knows 2)");
    });

    it("says what is wrong with the way to it, and never the password", async () => {
      const [port] = await freePorts(1);
      const url = server.url("wrong");
      const wrongs: [string, string][] = [
        [url.replace(`:${server.port}`, `:${port}`), "There is no PostgreSQL; is it running"],
        [url.replace("127.0.0.1", "nowhere.invalid"), "There is no host of that name"],
        [url.replace(PASSWORD, "toe-of-frog"), "The user or the password is wrong"],
        [url.replace("/postgres?", "/heath?"), "There is no such database; create it by"],
        [url.replace(`:${PASSWORD}`, ""), "The server asks for a password"],
      ];
      for (const [wrong, words] of wrongs) {
        const error = await openPostgres(wrong).then(
          () => undefined,
          (error: Error) => error,
        );
        expect(error?.message).toContain(words);
        expect(error?.message).toMatch(/^Cannot open the database (postgres|heath) of masque on /);
        expect(error?.message).not.toMatch(/newt|toe-of-frog/);
      }
    });

    it("says when the user may create nothing in it", async () => {
      const url = server.url("owned");
      server.sql(`create user witch password '${PASSWORD}'; grant usage on schema owned to witch`);
      await expect(openPostgres(url.replace("masque:", "witch:"))).rejects.toThrow("The user has no right to");
    });
  });

  describe("losing the connection", () => {
    it("refuses what comes meanwhile, to be tried again, says why, and comes back by itself", async () => {
      const store = await openPostgres(server.url());
      const coven = await found(store);
      await server.kill();
      await expect.poll(() => store.failures().now).toBeDefined();
      await expect(store.put([said(coven, "a")])).rejects.toMatchObject({ name: "StoreError", isPassing: true });
      await expect(store.values("spells")).rejects.toMatchObject({ name: "StoreError", isPassing: true });
      await server.start();
      await expect.poll(() => store.failures().now).toBeUndefined();
      await store.put([said(coven, "b")]);
      expect(await archived(store, coven)).toEqual(["b"]);
      await store.close();
    });

    it("can be closed while it is away", async () => {
      const proxy = await CuttingProxy.to(server.port);
      const store = await openPostgres(server.url().replace(`:${server.port}`, `:${proxy.port}`));
      await proxy.close();
      await expect.poll(() => store.failures().now).toBeDefined();
      await store.close();
      await expect(store.values("spells")).rejects.toThrow("closed");
    });

    it.each(["heard", "unheard"] as const)(
      "tells the truth of a commit that was %s when the line was cut",
      async (is) => {
        const proxy = await CuttingProxy.to(server.port);
        const store = await openPostgres(server.url().replace(`:${server.port}`, `:${proxy.port}`));
        const coven = await found(store);
        proxy.cutAt("commit", is);
        const [outcome] = await Promise.allSettled([store.put([said(coven, "a")])]);
        expect(outcome.status).toBe(is === "heard" ? "fulfilled" : "rejected");
        await expect.poll(() => store.failures().now).toBeUndefined();
        await store.put([said(coven, "b")]);
        expect(await archived(store, coven)).toEqual(is === "heard" ? ["a", "b"] : ["b"]);
        await store.close();
        await proxy.close();
      },
    );

    it("gives up one on which nothing is answered, and takes another", async () => {
      const proxy = await CuttingProxy.to(server.port);
      const store = await openPostgres(
        `${server.url().replace(`:${server.port}`, `:${proxy.port}`)}&query_timeout=3000`,
      );
      const coven = await found(store);
      proxy.hush();
      await expect(store.put([said(coven, "a")])).rejects.toMatchObject({ name: "StoreError", isPassing: true });
      const put = () => store.put([said(coven, "b")]).then(() => "kept", String);
      await expect.poll(put).toBe("kept");
      expect(await archived(store, coven)).toEqual(["b"]);
      await store.close();
      await proxy.close();
    });

    it("says when what it prepared is gone that a pooler must be why", async () => {
      const session = await Session.open(server.url(), () => {});
      const ask = () => session.all("select 1 as one");
      await ask();
      await session.exec("deallocate all");
      expect(reason(await ask().catch((error) => error))).toContain("let it pool sessions");
      await session.end();
    });

    it("does not go on when another Masque has used the database meanwhile", async () => {
      const store = await openPostgres(server.url("usurped"));
      server.sql("update usurped.masque set epoch = epoch + 1");
      disconnect(server);
      await expect.poll(() => store.failures().now).toContain("was used by another Masque");
      await expect(store.put([])).rejects.toThrow("Start it again");
      await store.close();
    });
  });

  describe("a database of an earlier schema", () => {
    /** As a Masque of this schema left it, in the hands of the user. There is one of each: whoever adds a schema adds one. */
    function sample(schema: number, name: string, user = "masque"): string {
      const sql = readFileSync(new URL(`./postgres-schema-${schema}.sql`, import.meta.url), "utf8");
      server.sql(`create schema ${name} authorization ${user}`);
      server.sql(`set role ${user}; set search_path to ${name}; ${sql}`);
      return server.url(name);
    }
    const tables = (name: string) => server.sql(`select count(*) from pg_tables where schemaname = '${name}'`);

    it.each(Array.from({ length: NOW }, (_, i) => i + 1))(
      "%i is brought forward with everything that is in it",
      async (schema) => {
        const store = await openPostgres(sample(schema, `sample_${schema}`));
        await expectCoven(store);
        await store.close();
      },
    );

    it("is kept as it was in a schema of its own, which can be used instead", async () => {
      const session = await Session.open(sample(1, "old"), () => {});
      expect(await migrate(session)).toEqual({ from: 1, to: NOW, copy: "old_schema_1" });
      await session.end();
      const versions = server.sql("select old.schema, copy.schema from old.masque as old, old_schema_1.masque as copy");
      expect(versions).toBe(`${NOW}|1`);
      expect(Number(tables("old"))).toBeGreaterThan(Number(tables("old_schema_1")));
      const store = await openPostgres(server.url("old_schema_1"));
      await expectCoven(store);
      expect(await found(store, "heath")).toBe(4);
      await store.close();
      expect(server.sql("select count(*) from old.channels")).toBe("1");
    });

    it("stays as it is when no copy of it can be kept", async () => {
      server.sql(`create user weird password '${PASSWORD}'`);
      const url = sample(1, "kept", "weird").replace("masque:", "weird:");
      const before = tables("kept");
      await expect(openPostgres(url)).rejects.toThrow(
        "It must be brought to a new schema, and it could not be kept as it is, in one named kept_schema_1: the user has no right to",
      );
      expect([server.sql("select schema from kept.masque"), tables("kept")]).toEqual(["1", before]);
    });
  });

  describe("moving everything", () => {
    it("from SQLite to PostgreSQL and back changes nothing, to the last byte", async () => {
      const [from, over, back] = [`sqlite:${home}/from.db`, server.url("moved"), `sqlite:${home}/back.db`];
      await (await laden(from)).close();
      const text = await exportOf(from);
      await fill(over, text);
      expect(await exportOf(over)).toBe(text);
      await fill(back, await exportOf(over));
      expect(await exportOf(back)).toBe(text);
    });

    it("from PostgreSQL lets the service go on, and shows the export nothing of that; keys go on, too", async () => {
      const [from, over] = [server.url("exported"), server.url("imported")];
      const store = await laden(from);
      const hold = await openToRead(from);
      let text = "";
      for await (const piece of exported(hold, () => {})) {
        if (text === "") await store.put([said(1, "late"), { put: "no channel", key: 2 }]);
        text += piece;
      }
      await hold.close();
      await store.close();
      expect(text).toContain("heath");
      expect(text).not.toContain("late");
      await fill(over, text);
      await expect(fill(over, text)).rejects.toThrow("The database is not empty");
      const imported = await openPostgres(over);
      expect(await found(imported, "cave")).toBe(4);
      const item = { channel: 1, node: NODE.ALLOWED, id: "x", payload: "" };
      await imported.put([said(1, "m3"), { put: "item", item }, said(4, "first")]);
      expect(await archived(imported, 1)).toEqual(["m1", "m2", "m3"]);
      await imported.close();
    });

    it("leaves nothing behind: both stores have the same tables and columns, but for what is PostgreSQL's own", async () => {
      const columnsOf = async (url: string) => {
        await (await openStore(url)).close();
        const hold = await openToRead(url);
        const tables = [...(await hold.columns())].filter(([name]) => !STAYING.has(name));
        await hold.close();
        return new Map(tables.map(([name, columns]) => [name, columns.toSorted()]));
      };
      expect(await columnsOf(server.url())).toEqual(await columnsOf(`sqlite:${home}/columns.db`));
    });
  });

  it("reads a page by an index, also before there are statistics of what was written lately", async () => {
    const url = server.url("large");
    await (await openPostgres(url)).close();
    server.sql(`insert into large.messages
      select 1, n, 'm' || n, n, '123456', 'hecate', false, repeat('x', 200) from generate_series(1, 60000) as n`);
    const session = await Session.open(url, () => {});
    const plan = await session.all(
      "explain select payload from messages where archive = 1 and place between 30000 and 60000 order by place limit 51",
    );
    await session.end();
    const lines = plan.map((line) => line["QUERY PLAN"]).join("\n");
    expect(lines).toContain("Index Scan using messages_pkey");
    expect(lines).not.toContain("Sort");
  });

  it("sweeps out what is forgotten and what is gone, the rest staying", async () => {
    const store = await openPostgres(server.url("swept"));
    const coven = await found(store);
    const heath = await found(store, "heath");
    const many = (channel: number) => Array.from({ length: 1200 }, (_, i) => said(channel, `m${i}`));
    await store.put([...many(coven), ...many(heath)]);
    await store.put([
      { put: "no channel", key: coven },
      { put: "expiry", channel: heath, node: NODE.MESSAGES, keep: 10 },
    ]);
    const rows = () => server.sql("select count(*), (select count(*) from swept.archives) from swept.messages");
    await expect.poll(rows).toBe("10|1");
    expect(await store.history({ channel: heath, node: NODE.MESSAGES, max: 0 })).toMatchObject({ count: 10 });
    await store.close();
  });

  it("loses nothing acknowledged when the server is killed, nor when Masque is, and keeps the order", async () => {
    const url = server.url("killed");
    const scribe = spawn(process.execPath, ["--import", "tsx", SCRIBE, url], { stdio: ["ignore", "pipe", "inherit"] });
    const lines: string[] = [];
    createInterface({ input: scribe.stdout }).on("line", (line) => lines.push(line));
    const acknowledged = () => lines.filter((line) => /^\+m\d+$/.test(line)).map((line) => line.slice(1));
    await expect.poll(() => acknowledged().length).toBeGreaterThan(500);
    await server.kill();
    await server.start();
    const before = acknowledged().length;
    await expect.poll(() => acknowledged().length).toBeGreaterThan(before + 500);
    scribe.kill("SIGKILL");
    await once(scribe, "close");

    const store = await openPostgres(url);
    const stored = await archived(store, Number(lines[0]));
    await store.close();
    const kept = new Set(stored);
    expect(acknowledged().filter((id) => !kept.has(id))).toEqual([]);
    const told = new Set(acknowledged());
    expect(acknowledged()).toEqual(stored.filter((id) => told.has(id)));
  });
});

function disconnect(server: Postgres): void {
  server.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'masque'");
}

async function found(store: Store, name = "coven"): Promise<number> {
  return (await store.create({ name, created: 1, listed: true, state: "{}" })) as number;
}
