-- Claims a period: sets a key that expires with it. A key that lives longer than the period is from
-- before the clock went back, and does not count.
-- KEYS: key
-- ARGV: milliseconds
-- Returns 1, or 0 if the period is claimed already.
if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[1]) then redis.call('DEL', KEYS[1]) end
return redis.call('SET', KEYS[1], '1', 'PX', ARGV[1], 'NX') and 1 or 0
