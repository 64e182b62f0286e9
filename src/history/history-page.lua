-- Reads some kept mentions, oldest first. Changes nothing.
--
-- KEYS[1]  records
-- KEYS[2]  times
-- ARGV[1]  the last member that was read before, or ''
-- ARGV[2]  since when
-- ARGV[3]  until when
-- ARGV[4]  how many at most; fewer if they are large
--
-- Returns members and records in turns; a record that is lost is ''. Nothing when all were read.
local last, since, untilMs, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local MAX_BYTES = 1000000
-- If the last one is gone, so are all before it.
local after = last ~= '' and redis.call('ZRANK', KEYS[2], last)
local first = math.max(after and after + 1 or 0, redis.call('ZCOUNT', KEYS[2], '-inf', '(' .. since))
local found = redis.call('ZRANGE', KEYS[2], first, first + most - 1, 'WITHSCORES')
local page, bytes = {}, 0
for i = 1, #found, 2 do
  if tonumber(found[i + 1]) >= untilMs or bytes > MAX_BYTES then break end
  local text = redis.call('HGET', KEYS[1], found[i]:sub(1, 22)) or ''
  page[#page + 1] = found[i]
  page[#page + 1] = text
  bytes = bytes + #text
end
return page
