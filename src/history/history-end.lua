-- Adds ends of deliveries to mentions that are kept, and removes the oldest mentions. KEYS and
-- ARGV[1..3]: see history-trim.lua
--
-- ARGV[4]  and on: identity and line of each end
--
-- Returns 1 if there is more to remove, else 0.

-- An operator's endless retries must not fill a record.
local MAX_ENDS = 8192
for i = 4, #ARGV, 2 do
  local text = redis.call('HGET', records, ARGV[i])
  if text and #text - (text:find('\n', 1, true) or #text) < MAX_ENDS then
    local line = '\n' .. ARGV[i + 1]
    redis.call('HSET', records, ARGV[i], text .. line)
    account(math.ceil(cost(#text + #line, '')) - math.ceil(cost(#text, '')))
  end
end
return trim()
