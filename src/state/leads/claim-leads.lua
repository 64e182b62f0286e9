-- Finds the leads of new mentions, oldest first. A mention whose author and text are unknown so far, or
-- whose lead began too long before it, begins a lead. One from too long before its lead is on its own.
--
-- KEYS[1]  leads, current
-- KEYS[2]  leads, previous
-- ARGV[1]  size of a generation, in leads
-- ARGV[2]  milliseconds for which a lead lasts
-- ARGV[3]  '1' to keep the leads that begin, '0' to change nothing
-- ARGV[4]  and on: for each mention the digest of author and text, its time, its key
--
-- Returns for each mention the entry of its lead: time and key of its first mention, and the webhooks
-- for which it was queued, with spaces between.
local current, previous = unpack(KEYS)
local size, lastsMs, keep = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local begun, entries = {}, {}
for i = 4, #ARGV, 3 do
  local lead, atMs, own = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 1] .. ' ' .. ARGV[i + 2]
  local entry = begun[lead] or redis.call('HGET', current, lead) or redis.call('HGET', previous, lead)
  local sinceMs = entry and tonumber(string.match(entry, '^%S+'))
  if not sinceMs or atMs - sinceMs > lastsMs then
    entry = own
    begun[lead] = own
  elseif sinceMs - atMs > lastsMs then
    entry = own
  end
  entries[#entries + 1] = entry
end
if keep and next(begun) then
  for lead, entry in pairs(begun) do redis.call('HSET', current, lead, entry) end
  redis.call('PEXPIRE', current, lastsMs)
  if redis.call('HLEN', current) >= size then redis.call('RENAME', current, previous) end
end
return entries
