-- Defines `add` and `rotateSeen` of the seen set. Goes after now.lua and generational-set.lua.

-- Adds any number of keys: Lua passes only some thousand arguments at once.
local function add(current, keys)
  for i = 1, #keys, 1000 do
    redis.call('SADD', current, unpack(keys, i, math.min(i + 999, #keys)))
  end
end

-- Call after keys were added. After a change of generations the relay remembers for certain what
-- was spotted since the older of the two began.
local function rotateSeen(current, previous, state, size)
  if not rotate(current, previous, size) then return end
  local began = redis.call('HGET', state, 'generationAtMs')
  if began then
    -- A later time than now is from before the clock went back.
    redis.call('HSET', state, 'rememberedFromMs', math.min(began, now))
    -- Then neither generation holds a key of an older release.
    local keysSince = redis.call('HGET', state, 'keysSinceMs')
    if keysSince and tonumber(began) >= tonumber(keysSince) then
      redis.call('HDEL', state, 'keysSinceMs')
    end
  end
  redis.call('HSET', state, 'generationAtMs', now)
end
