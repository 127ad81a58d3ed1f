import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTime, writeTime } from "../../../core/xmpp/time.ts";

const NINE = Date.UTC(2016, 4, 30, 9);

describe("readTime", () => {
  it.each([
    ["2016-05-30T09:00:00Z", NINE],
    ["2016-05-30T09:00:00.5Z", NINE + 500],
    ["2016-05-30T09:00:00.123456Z", NINE + 123],
    ["2016-05-30T09:00:00.9999Z", NINE + 999],
    ["2016-05-30T11:30:00+02:30", NINE],
    ["2016-05-30T02:00:00-07:00", NINE],
    ["2016-02-29T00:00:00Z", Date.UTC(2016, 1, 29)],
    ["0001-01-01T00:00:00Z", -62_135_596_800_000],
  ])("reads %s", (text, milliseconds) => {
    expect(readTime(text)).toBe(milliseconds);
  });

  it.each([
    "",
    "2016-05-30",
    "2016-05-30T09:00Z",
    "2016-05-30T09:00:00",
    "2016-05-30 09:00:00Z",
    "2016-05-30T09:00:00z",
    "2016-05-30T09:00:00.Z",
    "2016-05-30T09:00:00+0200",
    "2016-05-30T09:00:00+24:00",
    "2016-05-30T24:00:00Z",
    "2016-05-30T09:60:00Z",
    "2016-13-01T00:00:00Z",
    "2016-00-10T00:00:00Z",
    "2015-02-29T00:00:00Z",
    "2016-04-31T00:00:00Z",
    " 2016-05-30T09:00:00Z",
    "20160530T09:00:00",
    "yesterday",
  ])("refuses %j", (text) => {
    expect(readTime(text)).toBeUndefined();
  });
});

describe("writeTime", () => {
  it("writes UTC with milliseconds", () => {
    expect(writeTime(NINE)).toBe("2016-05-30T09:00:00.000Z");
  });

  it("is read back to the millisecond", () => {
    const moment = fc.date({ min: new Date("0000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
    fc.assert(fc.property(moment, (date) => readTime(writeTime(date.getTime())) === date.getTime()));
  });
});
