-- Bounds the times that BullMQ keeps for one queue. A time that lies further ahead than its own length
-- is from before a clock went back: its wait begins again. Goes after now.lua.
--
-- KEYS[1]  delayed: ids of jobs, by the time when each is due (BullMQ: getDelayedScore.lua)
-- KEYS[2]  active: ids of jobs
-- KEYS[3]  stalled-check: exists until the next check for jobs of dead replicas
-- ARGV[1]  prefix of the queue's keys
-- ARGV[2]  the time of the replica
-- ARGV[3]  1 if its clock went back just now, else 0
-- ARGV[4]  longest lock of a job, in milliseconds
-- ARGV[5]  longest time between two checks, in milliseconds
--
-- Returns the number of times that were too far ahead.
local SCORES_PER_MS = 4096
local MARGIN_MS = 1000
local MOST = 1000
-- Jobs are due by the clocks of replicas. Those of this replica and of Redis must agree that a job is
-- too far ahead, since either may be slow.
local latest = ARGV[3] == '1' and tonumber(ARGV[2]) or math.max(now, tonumber(ARGV[2]))
local bounded = 0

local function score(ms) return string.format('%.0f', ms * SCORES_PER_MS) end

local delayed = redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', score(latest + MARGIN_MS), 'WITHSCORES', 'LIMIT', 0, MOST)
for i = 1, #delayed, 2 do
  local delay = tonumber(redis.call('HGET', ARGV[1] .. delayed[i], 'delay') or 0)
  if delayed[i + 1] / SCORES_PER_MS - latest > delay + MARGIN_MS then
    redis.call('ZADD', KEYS[1], 'XX', score(latest + delay), delayed[i])
    bounded = bounded + 1
  end
end

local function expireWithin(key, ms)
  if redis.call('PTTL', key) <= tonumber(ms) then return end
  redis.call('PEXPIRE', key, ms)
  bounded = bounded + 1
end
for _, id in ipairs(redis.call('LRANGE', KEYS[2], 0, MOST - 1)) do
  expireWithin(ARGV[1] .. id .. ':lock', ARGV[4])
end
expireWithin(KEYS[3], ARGV[5])
return bounded
