-- Brings the state from one version to the next. Goes after now.lua and a migration, which defines
-- `migrate(state)`. All keys of a relay share a slot, so a migration may make their names from
-- the name of the state, `{prefix}:state`.
--
-- KEYS[1]  state
-- ARGV[1]  the version that the migration expects
--
-- Returns 1, or 0 if the state is of another version: then another replica was faster.
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
migrate(KEYS[1])
redis.call('HSET', KEYS[1], 'version', ARGV[1] + 1)
return 1
