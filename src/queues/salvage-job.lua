-- Finds the job that a worker took with this token and could not read. Resets all of it but its data,
-- since BullMQ's scripts stop halfway at a number that is none or at a key that is no hash.
--
-- KEYS[1]  active: ids of jobs
-- ARGV[1]  prefix of the queue's keys
-- ARGV[2]  token of the job's lock
-- ARGV[3]  the name that the job gets
--
-- Returns {id, data, attempts}, or nil if no job has this lock.
local function count(value)
  return value and #value < 16 and value:match('^%d+$') or '0'
end

for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local key = ARGV[1] .. id
  if redis.call('GET', key .. ':lock') == ARGV[2] then
    local kept = {}
    if redis.call('TYPE', key).ok == 'hash' then
      kept = redis.call('HMGET', key, 'data', 'atm', 'timestamp')
    end
    local data, attempts, queuedAt = kept[1] or '', count(kept[2]), count(kept[3])
    redis.call('DEL', key)
    redis.call('HSET', key, 'name', ARGV[3], 'data', data, 'atm', attempts, 'timestamp', queuedAt)
    return {id, data, attempts}
  end
end
return nil
