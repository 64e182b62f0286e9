-- Takes a slot of the budget, if one is free. Goes after now.lua. A time that lies further ahead than
-- its own rule allows is from before the clock went back: it counts from now.
--
-- KEYS[1]  slots: a sorted set of tokens with the time when each comes back
-- KEYS[2]  blocked: exists while the API wants no requests; its value is the length in milliseconds
-- KEYS[3]  busy: exists while the account is busy
-- ARGV[1]  take a slot only while fewer than this are taken
-- ARGV[2]  how long the request may be under way, in milliseconds
-- ARGV[3]  length of the window, in milliseconds
-- ARGV[4]  token of the slot
-- ARGV[5]  the prefix of tokens of background requests, or '' for any other request
-- ARGV[6]  how many slots background requests may hold while the account is busy
-- ARGV[7]  the limit of ARGV[1] for background requests while the account is busy
-- ARGV[8]  how long the account is busy, in milliseconds
--
-- Returns {1, 0} if the slot is taken, else {0, milliseconds until the next try}.
-- Returns the milliseconds until a key expires, `longest` at most.
local function left(key, longest)
  local leftMs = redis.call('PTTL', key)
  if leftMs <= longest then return leftMs end
  redis.call('PEXPIRE', key, longest)
  return longest
end
-- Releases up to 0.1.0 wrote 1 for any length.
local length = tonumber(redis.call('GET', KEYS[2]) or 0)
local blocked = left(KEYS[2], length > 1 and length or 3600000)
if blocked > 0 then return {0, blocked} end
local latest = now + ARGV[2] + ARGV[3]
for _, token in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. latest, '+inf')) do
  redis.call('ZADD', KEYS[1], latest, token)
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local held = redis.call('ZSCORE', KEYS[1], ARGV[4])
local below = tonumber(ARGV[1])
if ARGV[5] ~= '' and left(KEYS[3], tonumber(ARGV[8])) > 0 then
  local own = 0
  for _, token in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if string.sub(token, 1, #ARGV[5]) == ARGV[5] then own = own + 1 end
  end
  if not held and own >= tonumber(ARGV[6]) then return {0, 60000} end
  below = tonumber(ARGV[7])
end
if held or redis.call('ZCARD', KEYS[1]) < below then
  redis.call('ZADD', KEYS[1], latest, ARGV[4])
  redis.call('PEXPIRE', KEYS[1], 2 * (ARGV[2] + ARGV[3]))
  return {1, 0}
end
local over = math.min(redis.call('ZCARD', KEYS[1]) - below, redis.call('ZCARD', KEYS[1]) - 1)
local next = redis.call('ZRANGE', KEYS[1], over, over, 'WITHSCORES')
return {0, next[2] and next[2] - now or 60000}
