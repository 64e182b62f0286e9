-- Makes this daemon the holder of an embedded Redis, unless another took the place in the meantime.
-- KEYS[1]: the lease
-- ARGV[1]: the holder that was found, empty if there was none
-- ARGV[2]: the new holder
-- Returns 1 if the lease was taken, otherwise 0.

local holder = redis.call('GET', KEYS[1])
if (holder or '') == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
  return 1
end
return 0
