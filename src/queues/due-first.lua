-- Brings jobs to the head of a queue that may be taken while others wait: an alert, or else the
-- deliveries of a digest. Looks for an alert among the jobs whose retry became due last, and at both ends
-- of those that wait: at the head are jobs that were put back, at the end those that became due before.
--
-- KEYS[1]  wait: ids of jobs; the last one is taken first
-- KEYS[2]  delayed: ids of jobs, by the time when each is due (BullMQ: getDelayedScore.lua)
-- ARGV[1]  prefix of the queue's keys
-- ARGV[2]  the time of the replica
-- ARGV[3]  the most jobs to bring
-- ARGV[4]  1 to search all that wait, if nothing at the head is due, else 0
-- ARGV[5], ARGV[6]  deliveries queued since the first time and before the second wait for the next digest;
--                   empty if all wait
--
-- Returns the number of jobs at the head that may be taken: an alert alone, or deliveries in their order.
local SCORES_PER_MS = 4096
local MOST = 100
-- The relay writes this field first.
local ALERT = '{"kind":"alert"'
local wait, delayed, prefix, most = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[3])
local since, before = tonumber(ARGV[5]), tonumber(ARGV[6])

local function field(id, name) return redis.pcall('HGET', prefix .. id, name) end

local function isAlert(id)
  local data = field(id, 'data')
  return type(data) == 'string' and string.sub(data, 1, #ALERT) == ALERT
end

local function isDue(id)
  local queued = field(id, 'timestamp')
  queued = type(queued) == 'string' and tonumber(queued)
  return not (queued and queued >= since and queued < before)
end

local function bringRetry(id)
  redis.call('ZREM', delayed, id)
  redis.call('HSET', prefix .. id, 'delay', 0)
  redis.call('RPUSH', wait, id)
end

local function bring(id)
  redis.call('LREM', wait, -1, id)
  redis.call('RPUSH', wait, id)
end

local now = string.format('%.0f', (ARGV[2] + 1) * SCORES_PER_MS - 1)
local retries = redis.call('ZREVRANGEBYSCORE', delayed, now, '-inf', 'LIMIT', 0, MOST)
for _, id in ipairs(retries) do
  if isAlert(id) then bringRetry(id) end
end

for _, ends in ipairs({{-MOST, -1}, {0, MOST - 1}}) do
  local ids = redis.call('LRANGE', wait, ends[1], ends[2])
  for i = #ids, 1, -1 do
    if isAlert(ids[i]) then
      bring(ids[i])
      return 1
    end
  end
end
if not since then return 0 end

local function dueAtHead()
  local ids = redis.call('LRANGE', wait, -most, -1)
  local count = 0
  while count < #ids and isDue(ids[#ids - count]) do count = count + 1 end
  return count
end

local count = dueAtHead()
if count > 0 then return count end

for _, id in ipairs(retries) do
  if isDue(id) then
    bringRetry(id)
    count = count + 1
  end
end
if count > 0 then return math.min(count, most) end

-- A retry that BullMQ brought to the end of the list, while more came behind it.
local ids, found = ARGV[4] == '1' and redis.call('LRANGE', wait, 0, -1) or {}, {}
for i = #ids, 1, -1 do
  if #found < most and isDue(ids[i]) then found[#found + 1] = ids[i] end
end
for i = #found, 1, -1 do bring(found[i]) end
return #found
