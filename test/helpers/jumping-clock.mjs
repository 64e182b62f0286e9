// Loaded by `node --import` into a daemon whose clock jumps by CLOCK_JUMP_MS at SIGUSR2.
let shiftMs = 0;
process.on('SIGUSR2', () => (shiftMs += Number(process.env.CLOCK_JUMP_MS)));
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
