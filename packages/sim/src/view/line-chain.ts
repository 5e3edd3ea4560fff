/** A hash over the lines of a file so far: what is changed, left out or added is found. Not for secrets: it tells accidents, not forgers. */
export interface LineChain {
  /** Takes the next line, and gives the hash with it: 16 hex digits. */
  add(line: string): string;
}

/** Makes a chain before its first line. */
export function createLineChain(): LineChain {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  return {
    add(line) {
      // Both halves take every UTF-16 unit, after cyrb53, and begin with those of the line before.
      for (let index = 0; index < line.length; index++) {
        const unit = line.charCodeAt(index);
        high = Math.imul(high ^ unit, 0x9e3779b1);
        low = Math.imul(low ^ unit, 0x5f356495);
      }
      high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
      low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
      return hex(high) + hex(low);
    },
  };
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
