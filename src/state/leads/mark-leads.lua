-- Records for which webhooks leads are queued. A lead that began again meanwhile stays as it is.
--
-- KEYS[1]  leads, current
-- KEYS[2]  leads, previous
-- ARGV     for each lead the digest of author and text, its key, and webhooks with spaces between
local function has(entry, webhook) return string.find(entry .. ' ', ' ' .. webhook .. ' ', 1, true) end

for i = 1, #ARGV, 3 do
  local lead, key, webhooks = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local set = redis.call('HEXISTS', KEYS[1], lead) == 1 and KEYS[1] or KEYS[2]
  local entry = redis.call('HGET', set, lead)
  if entry and string.match(entry, '^%S+ (%S+)') == key then
    for webhook in string.gmatch(webhooks, '%S+') do
      if not has(entry, webhook) then entry = entry .. ' ' .. webhook end
    end
    redis.call('HSET', set, lead, entry)
  end
end
