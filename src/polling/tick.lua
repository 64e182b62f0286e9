-- Records that a poll runs now. Goes after now.lua.
--
-- KEYS[1]  tick
redis.call('SET', KEYS[1], now)
return 1
