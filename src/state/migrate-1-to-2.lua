-- Version 2 recovers mentions. What version 1 has seen can't be compared with the posts of the
-- groups, so only what is spotted from now on can be recovered.
local function migrate(state)
  redis.call('HSET', state, 'rememberedFromMs', now, 'generationAtMs', now, 'sweptAtMs', now)
end
