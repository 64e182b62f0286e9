-- Records accepted deliveries in the ledger and closes the breaker. Returns for how long the webhook
-- had been held, in milliseconds, or -1.
-- KEYS: gate, ledger's current set, ledger's previous set
-- ARGV: size of a generation of the ledger, then the deliveries' keys
local gate, current, previous = unpack(KEYS)
for i = 2, #ARGV do redis.call('SADD', current, ARGV[i]) end
rotate(current, previous, ARGV[1])
local heldSince = redis.call('HGET', gate, 'heldSince')
redis.call('HDEL', gate, 'failures', 'failedKeys', 'heldUntil', 'heldSince', 'holdMs', 'probeUntil')
return heldSince and math.max(0, now - heldSince) or -1
