-- Records a sweep, and closes the gaps that it searched.
--
-- KEYS[1]  open gaps
-- KEYS[2]  state
-- ARGV[1]  number of mentions that it recovered
-- ARGV[2]  number n of the arguments that follow for the state
-- ARGV[3]  and on: n arguments, each field of the state followed by its value
-- ARGV[3 + n]  and on: the closed gaps, as they stand in the list
local gaps, state = unpack(KEYS)
local recovered, fields = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('HINCRBY', state, 'recovered', recovered)
for i = 3, 2 + fields, 2 do redis.call('HSET', state, ARGV[i], ARGV[i + 1]) end
for i = 3 + fields, #ARGV do redis.call('LREM', gaps, 1, ARGV[i]) end
return 1
