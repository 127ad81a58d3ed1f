import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = 8;
/** Bytes of a pixel; a browser's pictures of a page are 8-bit RGB. */
const PIXEL = 3;

/** The same picture in fewer bytes: flat areas pack best as they are, without the filters of PNG. */
export function packed(png: Buffer): Buffer {
  const data: Buffer[] = [];
  let header = Buffer.alloc(0);
  for (let at = SIGNATURE; at < png.length; ) {
    const content = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    const type = png.toString("latin1", at + 4, at + 8);
    if (type === "IHDR") header = Buffer.from(content);
    if (type === "IDAT") data.push(content);
    at += 12 + content.length;
  }
  if (header[8] !== 8 || header[9] !== 2) throw new Error("The picture is not 8-bit RGB.");
  const rows = unfiltered(inflateSync(Buffer.concat(data)), header.readUInt32BE(0) * PIXEL);
  const chunks = [
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ];
  return Buffer.concat([png.subarray(0, SIGNATURE), ...chunks]);
}

/** Undoes each row's filter (PNG §9), in place; the row says so. */
function unfiltered(rows: Buffer, width: number): Buffer {
  const byte = (at: number) => rows[at] as number;
  for (let row = 0; row < rows.length; row += width + 1) {
    const filter = byte(row);
    for (let x = 0; x < width; x++) {
      const at = row + 1 + x;
      const left = x >= PIXEL ? byte(at - PIXEL) : 0;
      const up = row > 0 ? byte(at - width - 1) : 0;
      const corner = row > 0 && x >= PIXEL ? byte(at - width - 1 - PIXEL) : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] as number;
      rows[at] = (byte(at) + guess) & 0xff;
    }
    rows[row] = 0;
  }
  return rows;
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(content.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), 4 + body.length);
  return frame;
}
