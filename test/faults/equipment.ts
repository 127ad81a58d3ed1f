import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("disk.c", import.meta.url));
const CLOCKS = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map(
  (machine) => `/usr/lib/${machine}/faketime/libfaketimeMT.so.1`,
);

/** A disk's state: what writing to it comes to. */
export type State = "sound" | "read-only" | "slow" | "failing";
const LETTERS: Readonly<Record<State, string>> = { sound: "-", "read-only": "r", slow: "s", failing: "f" };

/** A small disk that can have faults: it can be full where a file system may be mounted, and all else where gcc is. */
export class Disk {
  readonly #folder = mkdtempSync(join(tmpdir(), "masque-disk-"));
  readonly #size: string;
  #isMounted = false;

  /** @param size as mount(8) has it */
  constructor(size: string) {
    this.#size = size;
    mkdirSync(this.#home);
    this.turns("sound");
  }

  /** Why it cannot be had here; `undefined` if it can. */
  mount(): string | undefined {
    const { status, stderr, error } = run(
      "mount",
      "-t",
      "tmpfs",
      "-o",
      `size=${this.#size}`,
      "masque-disk",
      this.#home,
    );
    this.#isMounted = status === 0;
    // A campaign that is cut short leaves nothing mounted.
    process.once("exit", this.#close);
    return this.#isMounted ? undefined : `no file system can be mounted: ${error?.message ?? stderr.trim()}`;
  }

  compile(): string | undefined {
    if (process.platform !== "linux") return "what makes a disk fail is made for Linux";
    const { status, stderr, error } = run(
      "gcc",
      "-std=gnu11",
      "-shared",
      "-fPIC",
      "-O2",
      "-o",
      this.#library,
      SOURCE,
      "-ldl",
    );
    return status === 0 ? undefined : `what makes a disk fail cannot be compiled: ${error?.message ?? stderr.trim()}`;
  }

  /** An empty folder on it; what was there before is gone. */
  fresh(): string {
    for (const name of readdirSync(this.#home)) rmSync(join(this.#home, name), { recursive: true });
    this.turns("sound");
    return mkdtempSync(join(this.#home, "masque-"));
  }

  /** For whatever is to suffer from it. */
  get environment(): Record<string, string> {
    return { LD_PRELOAD: this.#library, MASQUE_DISK: this.#control };
  }

  turns(state: State): void {
    writeFileSync(this.#control, LETTERS[state]);
  }

  /** Until nothing more has room. */
  fill(): void {
    for (let size = 1 << 20; size >= 1; size >>= 1) {
      for (
        let { bavail, bsize } = statfsSync(this.#home);
        bavail * bsize >= size;
        { bavail, bsize } = statfsSync(this.#home)
      ) {
        try {
          writeFileSync(this.#ballast, Buffer.alloc(size), { flag: "a" });
        } catch {
          // What the others wrote meanwhile has filled it.
          break;
        }
      }
    }
  }

  empty(): void {
    rmSync(this.#ballast, { force: true });
  }

  close(): void {
    process.off("exit", this.#close);
    this.#close();
  }

  readonly #close = () => {
    if (this.#isMounted) run("umount", "--lazy", this.#home);
    rmSync(this.#folder, { recursive: true, force: true });
  };

  get #home(): string {
    return join(this.#folder, "home");
  }

  get #library(): string {
    return join(this.#folder, "disk.so");
  }

  get #control(): string {
    return join(this.#folder, "state");
  }

  get #ballast(): string {
    return join(this.#home, "ballast");
  }
}

/** A clock that can be set, for a program that is started with it. */
export class WallClock {
  readonly #folder = mkdtempSync(join(tmpdir(), "masque-clock-"));
  readonly #library = CLOCKS.find(existsSync);

  constructor() {
    this.sets(0);
  }

  /** Why it cannot be had here; `undefined` if it can. */
  get missing(): string | undefined {
    return this.#library ? undefined : "libfaketime is not installed: npm run test:servers";
  }

  get environment(): Record<string, string> {
    return {
      LD_PRELOAD: this.#library ?? "",
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: "1",
      // Whoever sets a clock does not change how fast time goes by.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  }

  /** To so many seconds from the true time. */
  sets(offset: number): void {
    writeFileSync(this.#file, offset < 0 ? `${offset}` : `+${offset}`);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.#folder, "offset");
  }
}

function run(command: string, ...args: string[]) {
  return spawnSync(command, args, { encoding: "utf8" });
}
