-- Keeps mentions, unless they are kept already, and removes the oldest. KEYS and ARGV[1..3]: see
-- history-trim.lua
--
-- ARGV[4]  and on: identity, digests of its post, and record of each mention
--
-- Returns 1 if there is more to remove, else 0.
for i = 4, #ARGV, 3 do
  local identity, digests, text = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if redis.call('HSETNX', records, identity, text) == 1 then
    local member = identity .. digests
    -- The mentions of one moment stay in their order.
    redis.call('ZADD', times, now + (i - 4) / 3000, member)
    for j = 1, #digests, POST do
      redis.call('ZADD', posts, 0, digests:sub(j, j + POST - 1) .. identity)
    end
    account(cost(#text, member))
  end
end
return trim()
