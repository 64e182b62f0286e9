-- Returns the turn, from 0, of a message that pings one of several: the same one for each attempt, and
-- the next one for the next message.
-- KEYS: sorted set of the first mentions of the latest messages, by their turn
-- ARGV: key of the message's first mention, the most messages that are remembered
local turns, key, most = KEYS[1], ARGV[1], tonumber(ARGV[2])
local given = redis.call('ZSCORE', turns, key)
if given then return tonumber(given) end
local last = redis.call('ZREVRANGE', turns, 0, 0, 'WITHSCORES')[2]
local turn = last and tonumber(last) + 1 or 0
redis.call('ZADD', turns, turn, key)
redis.call('ZREMRANGEBYRANK', turns, 0, -most - 1)
return turn
