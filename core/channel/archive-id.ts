import { getRandomValues } from "node:crypto";
import { V7Generator } from "uuidv7";

// Asked for one by one, random numbers cost more than all the rest of an id.
const words = new Uint32Array(1024);
let used = words.length;

const generator = new V7Generator({
  nextUint32() {
    if (used === words.length) {
      getRandomValues(words);
      used = 0;
    }
    return words[used++] as number;
  },
});

/** A fresh id in an archive: later ones are greater, and none can be guessed. */
export function archiveId(): string {
  return generator.generate().toString();
}
