import { cpus } from "node:os";
import { ATTACKS } from "./attacks.ts";
import { besiege } from "./siege.ts";

const isQuick = process.argv.includes("--quick");
const size = Number(process.argv.find((word) => word.startsWith("--people="))?.slice(9)) || (isQuick ? 100 : 200);
const only = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const duration = isQuick ? 1_000 : 5_000;
const kinds = Object.keys(ATTACKS).filter((kind) => only.length === 0 || only.some((word) => kind.includes(word)));

console.log(
  `${size} people send what they like, as fast as it is taken, for ${duration / 1000} s; one elsewhere says a line every 50 ms.\n` +
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}; default limits.\n\n` +
    "| what they send | stanzas/s | CPU µs each | refused | MiB before, peak | heard elsewhere: p50, p99, longest ms |\n|---|---|---|---|---|---|",
);
for (const kind of kinds) {
  const { stanzas, cpu, errors, before, memory, p50, p99, longest } = await besiege(kind, size, duration);
  const waits = [p50, p99, longest].map((time) => time.toFixed(time < 10 ? 1 : 0)).join(", ");
  const memories = `${before.toFixed(0)}, ${memory.toFixed(0)}`;
  console.log(
    `| ${kind} | ${Math.round(stanzas).toLocaleString("en")} | ${Math.round(cpu)} | ${(errors * 100).toFixed(0)} % | ${memories} | ${waits} |`,
  );
}
