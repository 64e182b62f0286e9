-- Defines `account` and `trim`. Goes before a script with
--
-- KEYS[1]  records: identity -> text, and `bytes`, the memory that all of it takes
-- KEYS[2]  times: identity and digests of its post, by the time at which it was kept
-- KEYS[3]  posts: digest of the post and identity
-- ARGV[1]  now, by the replica's clock
-- ARGV[2]  how long a mention is kept, in milliseconds
-- ARGV[3]  how many bytes all may take
local records, times, posts = unpack(KEYS)
local now, maxAge, maxBytes = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local IDENTITY, POST = 22, 12
local AT_ONCE = 100
-- Times further ahead are those of a clock that was wrong: without a correction they would stay.
local AHEAD_MS = 3600000
-- What Redis takes: for the text with its entry, and for each entry in `posts`.
local function cost(length, member)
  return length * 1.12 + 290 + (#member - IDENTITY) / POST * 140
end

local function account(bytes)
  return redis.call('HINCRBY', records, 'bytes', math.ceil(bytes))
end

local function forget(member)
  local identity = member:sub(1, IDENTITY)
  local length = redis.call('HSTRLEN', records, identity)
  if length > 0 then account(-math.ceil(cost(length, member))) end
  redis.call('HDEL', records, identity)
  redis.call('ZREM', times, member)
  for i = IDENTITY + 1, #member, POST do
    redis.call('ZREM', posts, member:sub(i, i + POST - 1) .. identity)
  end
end

-- Removes the oldest, 100 at most. Returns 1 if there is more to remove.
local function trim()
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', times, now + AHEAD_MS, '+inf', 'LIMIT', 0, AT_ONCE)) do
    redis.call('ZADD', times, now, member)
  end
  for left = AT_ONCE, 0, -1 do
    local oldest = redis.call('ZRANGE', times, 0, 0, 'WITHSCORES')
    if #oldest == 0 then
      redis.call('UNLINK', records, posts)
      return 0
    end
    local bytes = tonumber(redis.call('HGET', records, 'bytes') or 0)
    if math.floor(tonumber(oldest[2])) > now - maxAge and bytes <= maxBytes then return 0 end
    if left == 0 then return 1 end
    forget(oldest[1])
  end
end
