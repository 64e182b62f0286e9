-- Returns {milliseconds since the breaker opened, milliseconds until the pause ends, 1 if the URL is gone,
-- when an operator's pause began, when it ends or 0 for no end}; -1, -1, 0, -1 and -1 if the webhook is not
-- held, not paused, not gone, or not paused by an operator. Ends what it is asked to, and returns what was
-- before. `heldSince` stays: the first success logs that the webhook is back. So only `heldUntil` shows
-- that it is held. Goes after now.lua and operator-pause-state.lua.
-- KEYS: gate
-- ARGV: digest of the webhook's URL, what ends: 'none', 'all', 'receiver' for all but an operator's pause,
--       or 'held' for the same if it is held
local gate, url, ends = KEYS[1], ARGV[1], ARGV[2]
local state = redis.call('HMGET', gate, 'heldUntil', 'heldSince', 'pausedUntil', 'pauseMs', 'goneUrl',
  'operatorSince', 'operatorUntil', 'operatorMs')
local heldUntil, heldSince, pausedUntil, pauseMs, goneUrl = unpack(state)
local operator = operatorPause(state[6], state[7], state[8])
local operatorSince, operatorEnds = operator and operator.since or -1, operator and operator.ends or -1
if ends == 'held' and not heldUntil then return {-1, -1, 0, operatorSince, operatorEnds} end
if ends ~= 'none' then
  redis.call('HDEL', gate, 'failures', 'failedKeys', 'heldUntil', 'holdMs', 'probeUntil', 'pausedUntil', 'pauseMs',
    'goneUrl')
end
if ends == 'all' then redis.call('HDEL', gate, 'operatorSince', 'operatorUntil', 'operatorMs') end
local pausedForMs = math.min(tonumber(pausedUntil or 0) - now, tonumber(pauseMs or 3600000))
return {
  heldUntil and math.max(0, now - heldSince) or -1,
  pausedForMs > 0 and pausedForMs or -1,
  goneUrl == url and 1 or 0,
  operatorSince,
  operatorEnds,
}
