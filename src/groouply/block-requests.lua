-- Lets no request pass for some time. A longer block stays. The value is the length of the block.
--
-- KEYS[1]  blocked
-- ARGV[1]  how long, in milliseconds
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[1])
end
return 1
