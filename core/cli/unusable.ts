/** A plugin of another maker cannot be used; the message is a sentence that says why. */
export class Unusable extends Error {
  override readonly name = "Unusable";
}
