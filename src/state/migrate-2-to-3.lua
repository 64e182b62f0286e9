-- Version 3 has other names for the keys of polls, no record of the workers of replicas, and no rate
-- limit in the queues of deliveries.
local function migrate(state)
  local prefix = string.sub(state, 1, -#'state' - 1)
  local function rename(from, to)
    if redis.call('EXISTS', prefix .. from) == 1 then
      redis.call('RENAME', prefix .. from, prefix .. to)
    end
  end
  rename('heartbeat', 'tick')
  rename('pace', 'poll-claim')
  local delay = redis.call('HGET', prefix .. 'poll-claim', 'paceMs')
  if delay then
    redis.call('HSET', prefix .. 'poll-claim', 'delayMs', delay)
    redis.call('HDEL', prefix .. 'poll-claim', 'paceMs')
  end
  redis.call('DEL', prefix .. 'workers')
  for _, webhook in ipairs(redis.call('SMEMBERS', prefix .. 'webhooks')) do
    local queue = prefix .. 'deliver-' .. webhook
    redis.call('HDEL', queue .. ':meta', 'max', 'duration')
    redis.call('DEL', queue .. ':limiter')
  end
end
