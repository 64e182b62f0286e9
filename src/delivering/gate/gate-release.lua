-- Ends a hold and a pause for an operator, also that of a URL that is gone. Returns for how long the webhook had been held, in
-- milliseconds, or -1. `heldSince` stays: the first success logs that the webhook is back.
-- KEYS: gate
local gate = KEYS[1]
local held = redis.call('HGET', gate, 'heldUntil')
redis.call('HDEL', gate, 'failures', 'failedKeys', 'heldUntil', 'holdMs', 'probeUntil', 'pausedUntil', 'pauseMs',
  'goneUrl')
return held and math.max(0, now - redis.call('HGET', gate, 'heldSince')) or -1
