-- Gives the turn at a webhook's digests to one replica, so that they come in one message and not in one
-- from each. Returns {1 if this replica has the turn, when a digest was asked for or -1}.
-- KEYS: gate
-- ARGV: name of the replica, milliseconds of a turn, 'end' to give up the turn that this replica has
local gate, replica, turnMs, wish = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3]
local turnOf, turnUntil, askedAt = unpack(redis.call('HMGET', gate, 'turnOf', 'turnUntil', 'digestAskedAt'))
-- A time in the future is from before the clock went back.
if askedAt and tonumber(askedAt) > now then
  askedAt = now
  redis.call('HSET', gate, 'digestAskedAt', now)
end
local leftMs = tonumber(turnUntil or 0) - now
local isRunning = leftMs > 0 and leftMs <= turnMs
if isRunning and turnOf ~= replica then return {0, -1} end
if wish == 'end' then
  redis.call('HDEL', gate, 'turnUntil')
elseif not isRunning or leftMs < turnMs / 2 then
  redis.call('HSET', gate, 'turnOf', replica, 'turnUntil', now + turnMs)
end
return {1, tonumber(askedAt or -1)}
