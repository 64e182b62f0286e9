// Loaded by `node --import` into a daemon whose machine's clock is wrong by CLOCK_SHIFT_MS, and jumps by
// CLOCK_JUMP_MS at SIGUSR2.
let shiftMs = Number(process.env.CLOCK_SHIFT_MS ?? 0);
if (process.env.CLOCK_JUMP_MS !== undefined) {
  process.on('SIGUSR2', () => (shiftMs += Number(process.env.CLOCK_JUMP_MS)));
}
const realNow = Date.now;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(realNow() + shiftMs);
    else super(...args);
  }
  static now() {
    return realNow() + shiftMs;
  }
};
