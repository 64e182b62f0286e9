-- Finds the mentions that an older release has seen, and remembers them by their present keys.
--
-- KEYS[1]  seen set, current
-- KEYS[2]  seen set, previous
-- ARGV     four keys for each mention, each may be '': old own key, old recovered key, own key,
--          permalink key
--
-- Returns {indexes of seen mentions, indexes of those that a sweep found}. Indexes begin at 0.
local current, previous = unpack(KEYS)
local function has(key) return key ~= '' and contains(current, previous, key) end

for i = 1, #ARGV, 4 do
  if has(ARGV[i]) then
    redis.call('SADD', current, ARGV[i + 2])
    if ARGV[i + 3] ~= '' then redis.call('SADD', current, ARGV[i + 3]) end
  end
end
local seen, recovered = {}, {}
for i = 1, #ARGV, 4 do
  -- Two old keys may have become one: then the mention was seen under the other.
  if has(ARGV[i + 2]) then
    seen[#seen + 1] = (i - 1) / 4
  elseif has(ARGV[i + 1]) then
    recovered[#recovered + 1] = (i - 1) / 4
  end
end
return {seen, recovered}
