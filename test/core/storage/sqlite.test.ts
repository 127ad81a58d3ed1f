import { openSqlite } from "../../../core/storage/sqlite.ts";
import { folder } from "./folder.ts";
import { describeStore } from "./store.behaviour.ts";

const home = folder();
let files = 0;

describeStore("SQLite in a file", () => openSqlite(`sqlite:${home}/${files++}.db`));
describeStore("SQLite in memory", () => openSqlite("sqlite::memory:"));
